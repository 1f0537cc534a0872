namespace Tessera.Runtime;

/// <summary>Which levels the samples of an NV12 or I420 frame use. BT.601 colours in either case.</summary>
public enum YuvRange
{
    /// <summary>Luma 16..235, chroma 16..240: what video decoders and most cameras deliver.</summary>
    Studio,

    /// <summary>Luma and chroma 0..255: what JPEG pictures hold and the chip's image pipeline delivers.</summary>
    Full,
}
