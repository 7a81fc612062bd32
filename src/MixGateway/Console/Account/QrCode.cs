using QRCoder;

namespace MixGateway.Console.Account;

/// <summary>A text as a picture that phones read.</summary>
internal static class QrCode
{
    private const int PixelsPerModule = 4;

    public static string DataUri(string text)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var png = new PngByteQRCode(data);
        return $"data:image/png;base64,{Convert.ToBase64String(png.GetGraphic(PixelsPerModule))}";
    }
}
