namespace Tessera.Cli.Tests.HatConfigs;

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

    /// <summary>As a HAT file has it: the four blocks of the tutorial's training in a spelling of our own.</summary>
    /// <param name="height">Height of the images.</param>
    /// <param name="width">Width of the images.</param>
    public static string Python(int height, int width) => Blocks.Replace("HEIGHT", $"{height}", StringComparison.Ordinal).Replace("WIDTH", $"{width}", StringComparison.Ordinal);

    /// <summary>What a file for all stages has behind these.</summary>
    public const string OtherStages = """
        import copy

        val_data_loader = copy.deepcopy(data_loader)
        val_data_loader["dataset"]["data_path"] = f"{root}/val_lmdb"
        val_data_loader.update(batch_size=2, shuffle=False)
        val_batch_processor = dict(
            type="MultiBatchProcessor",
            need_grad_update=False,
            batch_transforms=[item for item in batch_processor["batch_transforms"] if item["type"] not in ("SegRandomAffine", "Scale")],
        )
        calibration_trainer = dict(type="Calibrator", model=model, data_loader=data_loader, num_steps=1000 // images_per_gpu)
        qat_trainer = dict(
            type="distributed_data_parallel_trainer",
            model=model,
            model_convert_pipeline=dict(type="ModelConvertPipeline", qat_mode="fuse_bn"),
            data_loader=data_loader,
            batch_processor=batch_processor,
            optimizer=dict(type=torch.optim.SGD, params={"weight": dict(weight_decay=1e-3)}, lr=2e-4, momentum=0.8),
            num_epochs=20,
            callbacks=[stat_callback, dict(type="StepDecayLrUpdater", lr_decay_id=[15])],
        )
        compile_cfg = dict(march=March.NASH_E, opt="O2")
        float_predictor = dict(type="Predictor", model=model)
        """;

    private const string Blocks = """
        import os
        from collections import OrderedDict

        import numpy as np
        import torch
        import torch.nn as nn
        from torchvision.transforms import InterpolationMode

        from hat.data.datasets.cityscapes import CITYSCAPES_LABLE_MAPPINGS
        from hat.engine.processors.loss_collector import collect_loss_by_index


        def loss_collector(outputs):
            losses = outputs[1]
            return losses


        task_name = "unet_mobilenetv1_cityscapes"
        classes_of_task, images_per_gpu = 19, 4
        shape = (3, HEIGHT, WIDTH)
        strides = (4, 8, 16, 32, 64)
        norm = dict(eps=2e-5, momentum=0.1)
        root = os.environ.get("DATA", "data") + "/cityscapes"

        model = {
            "type": "Segmentor",
            "backbone": dict(type="MobileNetV1", num_classes=-1, bn_kwargs=norm, alpha=1 / 4, dw_with_relu=True, include_top=False, flat_output=False),
            "neck": dict(type="DwUnet", base_channels=2 ** 3, bn_kwargs=norm, act_type=nn.ReLU, use_deconv=False, dw_with_relu=True, output_scales=strides),
            "head": dict(
                type="SegHead", num_classes=classes_of_task, in_strides=strides, out_strides=list(strides), stride2channels={4: 32, 8: 64, 16: 128, 32: 256, 64: 512},
                feat_channels=tuple(8 * np.array(strides)), stacked_convs=0, argmax_output=False, dequant_output=True, int8_output=True, upscale=False,
                output_with_bn=True, bn_kwargs=norm,
            ),
            "losses": dict(type="ClassificationFocalLoss", loss_name="Focal", num_classes=19, weight=tuple(np.array((256, 128, 64, 32, 16)) / 19), reduction="mean"),
        }

        data_loader = dict(
            type=torch.utils.data.DataLoader,
            dataset=dict(type="CityscapesFromLMDB", data_path=os.path.join(root, "train_lmdb"), transforms=[dict(type="PILToTensor")], num_samples=2975),
            sampler=dict(type=torch.utils.data.DistributedSampler),
            batch_size=images_per_gpu,
            shuffle=True,
            num_workers=2,
            pin_memory=True,
        )

        batch_processor = dict(
            type="MultiBatchProcessor",
            need_grad_update=True,
            batch_transforms=[
                dict(type="LabelRemap", mapping=CITYSCAPES_LABLE_MAPPINGS),
                dict(type="SegOneHot", num_classes=classes_of_task),
                dict(type="SegResize", size=shape[1:]),
                dict(type="SegRandomAffine", degrees=0, scale=(0.5, 2.0), interpolation=InterpolationMode.BILINEAR, label_fill_value=0),
                dict(type="ImageBgrToYuv444", rgb_input=True),
                dict(type="ImageNormalize", mean=128.0, std=128.0),
                dict(type="Scale", scales=tuple(1 / np.array(strides)), mode="bilinear"),
            ],
            loss_collector=loss_collector,
        )

        float_trainer = dict(
            type="distributed_data_parallel_trainer",
            model=model,
            data_loader=data_loader,
            optimizer=dict(type=torch.optim.SGD, params={"weight": dict(weight_decay=5e-3)}, lr=0.01, momentum=0.9),
            batch_processor=batch_processor,
            device=None,
            num_epochs=300,
            callbacks=[
                stat_callback,
                dict(type="StepDecayLrUpdater", lr_decay_id=[200, 240, 280], lr_decay_factor=0.1),
                metric_updater,
                tb_callback,
                aidi_tb_callback,
                tb_loss_callback,
                aidi_tb_loss_callback,
                val_callback,
                ckpt_callback,
            ],
            sync_bn=True,
        )
        """;
}
