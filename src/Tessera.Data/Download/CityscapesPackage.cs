using System.Globalization;

namespace Tessera.Data;

/// <summary>One package that the account may download.</summary>
/// <param name="Id">The number by which the server knows it.</param>
/// <param name="Name">Its file name, for example <c>gtFine_trainvaltest.zip</c>; never a path.</param>
/// <param name="Size">The size as the server writes it, for example <c>241MB</c>: rounded.</param>
/// <param name="ThirdParty">Whether somebody other than the makers of Cityscapes made it; it then has terms of its own.</param>
public sealed record CityscapesPackage(int Id, string Name, string Size, bool ThirdParty)
{
    /// <summary><see cref="Size"/> in bytes (one KB is 1024 bytes, as in csDownload), or null where it is not a number with KB, MB, GB or TB.</summary>
    public long? ApproximateBytes
    {
        get
        {
            string size = Size.Trim().ToUpperInvariant();
            int power = size.Length < 3 ? -1 : Array.IndexOf(["KB", "MB", "GB", "TB"], size[^2..]);
            bool isNumber = double.TryParse(power < 0 ? "" : size[..^2], NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out double value);
            return isNumber && value < 1e6 ? (long)(value * Math.Pow(1024, power + 1)) : null;
        }
    }
}
