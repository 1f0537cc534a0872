using Tessera.Recipes;

namespace Tessera.Cli.Configuration;

/// <summary>What HAT's configurations say of its trainers, batch processors and callbacks, and this program does by itself.</summary>
internal static class HatTrainer
{
    /// <summary>Callbacks that HAT's configurations keep in variables.</summary>
    private static readonly string[] Variables =
    [
        "stat_callback", "metric_updater", "loss_show_update", "tb_callback", "tb_loss_callback", "aidi_tb_callback", "aidi_tb_loss_callback", "val_callback", "val_metric_updater", "ckpt_callback", "trace_callback",
    ];

    private static readonly RecipeTable<string> Callbacks = new(
        "callback",
        new Recipe<string>("StatsMonitor", keys => Of("StatsMonitor", keys, "log_freq", "batch_size")),
        new Recipe<string>("MetricUpdater", keys => Of("MetricUpdater", keys, "metrics", "metric_update_func", "step_log_freq", "epoch_log_freq", "log_prefix", "filter_condition", "reset_metrics_by")),
        new Recipe<string>("TensorBoard", keys => Of("TensorBoard", keys, "save_dir", "log_freq", "update_freq", "update_by", "tb_update_funcs", "loss_name_reg", "overwrite"), "AidiTensorBoard"),
        new Recipe<string>("Validation", ReadValidation),
        new Recipe<string>("Checkpoint", ReadCheckpoint));

    /// <summary>Reads what a <c>float_trainer</c> or <c>qat_trainer</c> may say beside Tessera's own keys.</summary>
    public static void Read(ConfigSection trainer)
    {
        trainer.Settled(
            "type", "Tessera always trains in one process, on the whole batch.", "distributed_data_parallel_trainer", "DistributedDataParallelTrainer", "data_parallel_trainer", "DataParallelTrainer", "Trainer");
        trainer.Settled("device", "Tessera always trains on the CPU.", "null", "cpu");
        trainer.Settled("stop_by", "Tessera always counts epochs.", "epoch");
        trainer.Settled(
            "model_convert_pipeline",
            trainer.Path == "float_trainer" ? "Tessera always starts float training from weights that `seed` draws." : "Tessera always starts QAT from the run's calibration, and converts the network by itself.",
            "null");
        trainer.Idle("sync_bn", "find_unused_parameters"); // batch norm sees the whole batch in any case
        trainer.Idle("train_metrics", "val_metrics"); // both are always scored
        foreach (ConfigSection callback in trainer.Sections("callbacks", Variables))
        {
            callback.Typed(Callbacks);
            callback.Omit();
        }

        trainer.Idle("callbacks"); // all of them are done
    }

    /// <summary>Reads <c>batch_processor</c> and <c>val_batch_processor</c>, whose transforms <see cref="HatLayout"/> has moved.</summary>
    public static void ReadBatchProcessors(ConfigSection config)
    {
        foreach ((string key, string trains) in new[] { ("batch_processor", "true"), ("val_batch_processor", "false") })
        {
            ConfigSection processor = config.Section(key);
            processor.Settled("type", "Tessera has one way to process a batch.", "MultiBatchProcessor", "BasicBatchProcessor");
            processor.Settled("need_grad_update", "Training always updates the weights, and validation never does.", trains);
            processor.Settled("enable_amp", "Tessera always trains in float32.", "false");
            processor.Idle("loss_collector"); // the network has one loss
            processor.Omit();
        }
    }

    private static string ReadValidation(IKeyReader keys)
    {
        const string Always = "Tessera always validates after each epoch.";
        keys.Settled("val_interval", Always, "1");
        keys.Settled("interval_by", Always, "epoch");
        return Of("Validation", keys, "callbacks", "val_model", "init_with_train_model", "val_on_train_end", "log_interval");
    }

    private static string ReadCheckpoint(IKeyReader keys)
    {
        const string Always = "Tessera always writes the last and the best checkpoint (by mIoU) after each epoch.";
        keys.Settled("save_interval", Always, "1");
        keys.Settled("interval_by", Always, "epoch");
        keys.Settled("mode", Always, "max");
        return Of("Checkpoint", keys, "save_dir", "name_prefix", "strict_match", "best_refer_metric", "monitor_metric_key", "save_on_train_end", "save_hash", "test_model", "test_inputs");
    }

    private static string Of(string type, IKeyReader keys, params ReadOnlySpan<string> idle)
    {
        keys.Idle(idle);
        return type;
    }
}
