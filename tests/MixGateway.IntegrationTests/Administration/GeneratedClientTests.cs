using System.Collections;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MixGateway.Administration.Api;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Administration;

/// <summary>A client that is made of the OpenAPI document compiles, and its calls work.</summary>
public sealed class GeneratedClientTests
{
    [Fact]
    public async Task Client_MadeOfTheDocument_CompilesAndCallsTheGateway()
    {
        await using var gateway = await TestGateway.StartAsync();
        var assembly = Compile(new ClientGenerator(await gateway.GetAsync(ApiDocument.Path)).Generate());
        var client = Activator.CreateInstance(assembly.GetType("Generated.Client")!, gateway.Admin)!;

        var account = await CallAsync(client, "createAccount", Make(assembly, "NewAccountBody", ("name", "Generated"), ("maxConcurrent", 3)));
        var id = (Guid)Read(account, "id")!;
        await CallAsync(client, "creditAccount", id, Make(assembly, "CreditBody", ("amount", "12.50")));
        var key = await CallAsync(client, "createKey", id, Make(assembly, "NewKeyBody", ("name", "k"), ("expiresAt", DateTimeOffset.UtcNow.AddDays(1))));
        var shown = await CallAsync(client, "getAccount", id);
        var accounts = await CallAsync(client, "listAccounts", "active", "gener", 10);

        (Read(shown, "balance"), Read(shown, "maxConcurrent"), Read(shown, "status")).Should().Be(("12.5", 3, "active"));
        ((string)Read(key, "key")!).Should().StartWith("sk-");
        ((ICollection)Read(await CallAsync(client, "listLedger", id), "data")!).Count.Should().Be(1);
        ((ICollection)Read(accounts, "data")!).Count.Should().Be(1);
        Read(await CallAsync(client, "sumUsage", "day"), "nextCursor").Should().BeNull();
        Read(await CallAsync(client, "reconcile"), "accountsChecked").Should().NotBeNull();
        var unknown = () => CallAsync(client, "getAccount", Guid.NewGuid());
        (await unknown.Should().ThrowAsync<Exception>()).Which.Message.Should().StartWith("404: There is no account");
    }

    private static Assembly Compile(string source)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "Generated", [CSharpSyntaxTree.ParseText(source)], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        compilation.Emit(image).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
            .Select(diagnostic => diagnostic.ToString()).Should().BeEmpty();
        image.Position = 0;
        return new AssemblyLoadContext("Generated", isCollectible: true).LoadFromStream(image);
    }

    private static object Make(Assembly assembly, string type, params (string Name, object Value)[] members)
    {
        var made = Activator.CreateInstance(assembly.GetType($"Generated.{type}")!)!;
        foreach (var (name, value) in members)
        {
            made.GetType().GetProperty(name)!.SetValue(made, value);
        }

        return made;
    }

    private static object? Read(object from, string member) => from.GetType().GetProperty(member)!.GetValue(from);

    /// <summary>Calls an operation by the names in the document; parameters that are not given keep their defaults.</summary>
    private static async Task<object> CallAsync(object client, string operation, params object[] arguments)
    {
        var method = client.GetType().GetMethod(operation)!;
        var all = method.GetParameters().Select((parameter, i) => i < arguments.Length ? arguments[i] : parameter.DefaultValue).ToArray();
        var task = (Task)method.Invoke(client, all)!;
        await task;
        return task.GetType().GetProperty("Result")!.GetValue(task)!;
    }
}
