using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MixGateway.IntegrationTests.Console;

/// <summary>
/// A passkey as a password manager keeps it: an ES256 key whose count of signatures stays 0, because it is on several devices. It does what
/// WebAuthn says, and for tests of what the gateway refuses also what it forbids.
/// </summary>
internal sealed class SoftPasskey(string origin) : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte HasKey = 0x40;

    private ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);

    /// <summary>Where the browser says that it is.</summary>
    public string Origin { get; set; } = origin;

    /// <summary>False for a key that anybody can use who finds it.</summary>
    public bool AsksItsHolder { get; set; } = true;

    /// <summary>Whose the passkey says it is.</summary>
    public string? UserHandle { get; set; }

    public void Dispose() => _key.Dispose();

    /// <summary>Becomes a forgery: what there is to know of the passkey but for its key.</summary>
    public void Forge()
    {
        _key.Dispose();
        _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    /// <summary>Adds this passkey to the user who is signed in, by the page that is for it.</summary>
    public async Task AddToAsync(PageVisitor visitor, string name = "Soft")
    {
        await visitor.GoConfirmedAsync("/dashboard/profile/passkeys");
        var (answer, state) = await CreateAsync(visitor);
        await visitor.SubmitAsync("add", ("Input.Name", name), ("Input.Passkey", answer), ("Input.State", state));
    }

    public async Task<(string Answer, string State)> CreateAsync(PageVisitor visitor)
    {
        var (options, state) = await AskAsync(visitor, "/dashboard/passkeys/add");
        UserHandle = options["user"]!["id"]!.GetValue<string>();
        var point = _key.ExportParameters(includePrivateParameters: false).Q;

        // COSE (RFC 9052): {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
        byte[] publicKey = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] data = [.. Data(options["rp"]!["id"]!.GetValue<string>(), HasKey), .. new byte[16], 0, (byte)_id.Length, .. _id, .. publicKey];

        // CBOR (RFC 8949): {"fmt": "none", "attStmt": {}, "authData": data}.
        byte[] attestation = [0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x59, (byte)(data.Length >> 8), (byte)data.Length, .. data];
        var client = ClientData("webauthn.create", options);
        return (Credential(new JsonObject { ["clientDataJSON"] = Text(client), ["attestationObject"] = Text(attestation), ["transports"] = new JsonArray("internal") }), state);
    }

    /// <summary>Signs the challenge of the sign-in page that is open.</summary>
    public async Task<(string Answer, string State)> AnswerAsync(PageVisitor visitor)
    {
        var (options, state) = await AskAsync(visitor, "/dashboard/passkeys/sign-in");
        var data = Data(options["rpId"]!.GetValue<string>(), 0);
        var client = ClientData("webauthn.get", options);
        byte[] signed = [.. data, .. SHA256.HashData(client)];
        var signature = _key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return (Credential(new JsonObject { ["clientDataJSON"] = Text(client), ["authenticatorData"] = Text(data), ["signature"] = Text(signature), ["userHandle"] = UserHandle }), state);
    }

    /// <summary>Signs in by the sign-in page.</summary>
    public async Task SignInAsync(PageVisitor visitor)
    {
        await visitor.GoAsync("/dashboard/sign-in");
        var (answer, state) = await AnswerAsync(visitor);
        await visitor.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", state));
    }

    private static async Task<(JsonNode Options, string State)> AskAsync(PageVisitor visitor, string path)
    {
        using var response = await visitor.FetchAsync(path);
        var challenge = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (JsonNode.Parse(challenge.GetProperty("options").GetString()!)!, challenge.GetProperty("state").GetString()!);
    }

    private byte[] Data(string domain, byte flags) =>
        [.. SHA256.HashData(Encoding.UTF8.GetBytes(domain)), (byte)(Present | (AsksItsHolder ? Verified : 0) | flags), 0, 0, 0, 0];

    private byte[] ClientData(string type, JsonNode options) => Encoding.UTF8.GetBytes(
        new JsonObject { ["type"] = type, ["challenge"] = options["challenge"]!.GetValue<string>(), ["origin"] = Origin, ["crossOrigin"] = false }.ToJsonString());

    private string Credential(JsonObject response) => new JsonObject
    {
        ["id"] = Text(_id),
        ["rawId"] = Text(_id),
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    }.ToJsonString();

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
