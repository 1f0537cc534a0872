namespace Tessera.Training;

/// <summary>Told of a calibration's progress.</summary>
public interface ICalibrationCallback
{
    /// <summary>After each observed batch.</summary>
    void ObservationAdvances(EvaluationProgress report)
    {
    }

    /// <summary>After each batch of the validation.</summary>
    void ValidationAdvances(EvaluationProgress report)
    {
    }
}
