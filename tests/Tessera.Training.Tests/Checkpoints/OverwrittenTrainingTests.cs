using Tessera.Training.Tests.Trainers;

namespace Tessera.Training.Tests.Checkpoints;

public sealed class OverwrittenTrainingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tessera-overwritten-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_last_checkpoint_of_an_earlier_training_never_stands_beside_the_best_of_a_new_one()
    {
        var store = new CheckpointStore(_folder, TrainingStage.Float);
        Train();
        byte[] best = File.ReadAllBytes(store.BestPath);

        // The new training ends between its best and its last checkpoint.
        Assert.Throws<InvalidOperationException>(() => Train(new StopsAtTheFirstCheckpoint()));

        Assert.NotEqual(best, File.ReadAllBytes(store.BestPath));
        Assert.False(File.Exists(store.LastPath));
    }

    private void Train(params ITrainingCallback[] callbacks) =>
        new Trainer(TrainingRun.Options(_folder, 1), new ColourGame(1, 4), new ColourGame(2, 4, seed: 99) { IsFixed = true }, callbacks).Run();

    private sealed class StopsAtTheFirstCheckpoint : ITrainingCallback
    {
        public void CheckpointWritten(CheckpointReport report) => throw new InvalidOperationException("killed");
    }
}
