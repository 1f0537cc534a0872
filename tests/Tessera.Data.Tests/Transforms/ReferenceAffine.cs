namespace Tessera.Data.Tests.Transforms;

/// <summary>
/// The affine map as torchvision's documentation defines it, built as a product of 3x3 matrices and inverted by solving, apart from
/// the closed form under test: translation · centre · rotation · shear y · shear x · scale · back from the centre.
/// </summary>
internal static class ReferenceAffine
{
    public static Func<double, double, (double X, double Y)> ToSource(AffineParameters p, int height, int width)
    {
        double angle = p.Angle * Math.PI / 180, centreX = (width - 1) / 2.0, centreY = (height - 1) / 2.0;
        double[,] forward = Product(
            new double[,] { { 1, 0, p.TranslateX }, { 0, 1, p.TranslateY }, { 0, 0, 1 } },
            new double[,] { { 1, 0, centreX }, { 0, 1, centreY }, { 0, 0, 1 } },
            new double[,] { { Math.Cos(angle), -Math.Sin(angle), 0 }, { Math.Sin(angle), Math.Cos(angle), 0 }, { 0, 0, 1 } },
            new double[,] { { 1, 0, 0 }, { -Math.Tan(p.ShearY * Math.PI / 180), 1, 0 }, { 0, 0, 1 } },
            new double[,] { { 1, -Math.Tan(p.ShearX * Math.PI / 180), 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
            new double[,] { { p.Scale, 0, 0 }, { 0, p.Scale, 0 }, { 0, 0, 1 } },
            new double[,] { { 1, 0, -centreX }, { 0, 1, -centreY }, { 0, 0, 1 } });
        double determinant = (forward[0, 0] * forward[1, 1]) - (forward[0, 1] * forward[1, 0]);
        return (x, y) =>
        {
            double dx = x - forward[0, 2], dy = y - forward[1, 2];
            return (((forward[1, 1] * dx) - (forward[0, 1] * dy)) / determinant, ((forward[0, 0] * dy) - (forward[1, 0] * dx)) / determinant);
        };
    }

    private static double[,] Product(params double[][,] matrices) => matrices.Aggregate((a, b) =>
    {
        var product = new double[3, 3];
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                product[i, j] = (a[i, 0] * b[0, j]) + (a[i, 1] * b[1, j]) + (a[i, 2] * b[2, j]);
            }
        }

        return product;
    });
}
