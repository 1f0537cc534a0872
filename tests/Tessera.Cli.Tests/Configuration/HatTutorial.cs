namespace Tessera.Cli.Tests.Configuration;

/// <summary>A configuration with every key of HAT's tutorial.</summary>
internal static class HatTutorial
{
    /// <summary>As somebody types it as YAML.</summary>
    public const string Yaml = """
        task_name: unet_mobilenetv1_cityscapes
        input_size: [1024, 2048]
        model: &model
          type: Segmentor
          backbone: {type: MobileNetV1, num_classes: -1, bn_kwargs: {eps: 2e-5, momentum: 0.1}, alpha: 0.25, dw_with_relu: True, include_top: False, flat_output: False}
          neck: {type: DwUnet, base_channels: 8, bn_kwargs: {eps: 2e-5, momentum: 0.1}, act_type: nn.ReLU, use_deconv: False, dw_with_relu: True, output_scales: [4, 8, 16, 32, 64]}
          head:
            type: SegHead
            num_classes: 19
            in_strides: [4, 8, 16, 32, 64]
            out_strides: [4, 8, 16, 32, 64]
            stride2channels: {4: 32, 8: 64, 16: 128, 32: 256, 64: 512}
            feat_channels: [32, 64, 128, 256, 512]
            stacked_convs: 0
            argmax_output: False
            dequant_output: True
            int8_output: True
            upscale: False
            output_with_bn: True
            bn_kwargs: {eps: 2e-5, momentum: 0.1}
          losses: {type: ClassificationFocalLoss, loss_name: Focal, num_classes: 19, weight: [13.473684210526315, 6.7368421052631575, 3.3684210526315788, 1.6842105263157894, 0.8421052631578947], reduction: mean}
        data_loader: &loader
          type: torch.utils.data.DataLoader
          dataset: {type: CityscapesFromLMDB, data_path: data/cityscapes/train_lmdb, transforms: [{type: PILToTensor}], num_samples: 2975}
          sampler: {type: torch.utils.data.DistributedSampler}
          batch_size: 4
          shuffle: True
          num_workers: 2
          pin_memory: True
        batch_processor: &bp
          type: MultiBatchProcessor
          need_grad_update: True
          batch_transforms:
            - {type: LabelRemap, mapping: CITYSCAPES_LABLE_MAPPINGS}
            - {type: SegOneHot, num_classes: 19}
            - {type: SegResize, size: [1024, 2048]}
            - {type: SegRandomAffine, degrees: 0, scale: [0.5, 2.0], interpolation: InterpolationMode.BILINEAR, label_fill_value: 0}
            - {type: ImageBgrToYuv444, rgb_input: True}
            - {type: ImageNormalize, mean: 128.0, std: 128.0}
            - {type: Scale, scales: [0.25, 0.125, 0.0625, 0.03125, 0.015625], mode: bilinear}
          loss_collector: loss_collector
        float_trainer:
          type: distributed_data_parallel_trainer
          model: *model
          data_loader: *loader
          optimizer: {type: torch.optim.SGD, params: {weight: {weight_decay: 5e-3}}, lr: 0.01, momentum: 0.9}
          batch_processor: *bp
          device: null
          num_epochs: 300
          callbacks:
            - stat_callback
            - {type: StepDecayLrUpdater, lr_decay_id: [200, 240, 280], lr_decay_factor: 0.1}
            - metric_updater
            - tb_callback
            - aidi_tb_callback
            - tb_loss_callback
            - aidi_tb_loss_callback
            - val_callback
            - ckpt_callback
          sync_bn: True
        val_data_loader: {dataset: {data_path: v}, transforms: [{type: LabelRemap}, {type: SegResize}, {type: ImageBgrToYuv444}, {type: ImageNormalize}]}
        qat_trainer: {num_epochs: 30, optimizer: {lr: 2e-4}}
        """;
}
