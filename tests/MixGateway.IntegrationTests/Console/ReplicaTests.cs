using Microsoft.EntityFrameworkCore;
using MixGateway.IntegrationTests.Fixtures;

namespace MixGateway.IntegrationTests.Console;

/// <summary>A person's requests go to one replica and then to another, and nobody notices.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task Replicas_OnTheSameStores_ShareSessionsFormsCodesAndChallenges()
    {
        await using var replicas = await Replicas.StartAsync(GatewayStores.Servers, ConsoleGateway.Settings);
        var (first, second) = (ConsoleGateway.LocalhostOf(replicas.Gateways[0]), ConsoleGateway.LocalhostOf(replicas.Gateways[1]));
        using var visitor = new PageVisitor(first);

        // A form of one is sent to the other, whose session cookie the first one reads.
        await visitor.GoAsync("/dashboard/sign-up");
        visitor.MoveTo(second);
        await visitor.SubmitAsync("sign-up", ("Input.Email", visitor.Email), ("Input.Password", PageVisitor.Password));
        visitor.At.Should().Be(new Uri(second, "/dashboard"));
        await visitor.GoAsync("/dashboard/profile/two-factor");
        visitor.At.Should().Be(new Uri(first, "/dashboard/profile/two-factor"));
        var secret = visitor.Text("#secret");
        visitor.MoveTo(second);
        await visitor.SubmitAsync("on", ("Input.Code", Totp.Code(secret)));
        visitor.Message.Should().StartWith("Two-factor sign-in is on.");

        // A form counts once, wherever it is sent, and the page that answers it is shown once, by whichever is asked.
        await visitor.GoAsync(new Uri(first, "/dashboard/keys/new").ToString());
        var form = visitor.Form("create");
        var here = await visitor.PostAsync(form, ("Input.Name", "once"));
        visitor.MoveTo(second);
        var there = await visitor.PostAsync(form, ("Input.Name", "once"));
        there.Should().Be(here);
        await visitor.GoAsync(new Uri(second, here.Location!).ToString());
        visitor.Page.Body!.TextContent.Should().Contain("sk-");
        await visitor.GoAsync(new Uri(first, here.Location!).ToString());
        visitor.Page.Body!.TextContent.Should().NotContain("sk-");
        await using (var database = await ConsoleGateway.OpenAsync(replicas.First))
        {
            (await database.ApiKeys.CountAsync()).Should().Be(1);
        }

        // The first step here, the second there; and a code that was used there is used here.
        var code = Totp.Code(secret, 1);
        using var one = await AtSecondStepAsync(first, visitor.Email);
        using var other = await AtSecondStepAsync(first, visitor.Email);
        one.MoveTo(second);
        await one.SubmitAsync("code", ("Input.Code", code));
        one.At.Should().Be(new Uri(second, "/dashboard"));
        await other.SubmitAsync("code", ("Input.Code", code));
        other.Message.Should().Be("The code is not right.");

        // Of a passkey's challenge likewise.
        using var passkey = new SoftPasskey(first.GetLeftPart(UriPartial.Authority));
        using var third = new PageVisitor(first);
        await passkey.AddToAsync(visitor);
        visitor.Message.Should().Contain("The passkey is added.");
        await third.GoAsync("/dashboard/sign-in");
        passkey.Origin = second.GetLeftPart(UriPartial.Authority);
        var (answer, state) = await passkey.AnswerAsync(third);
        third.MoveTo(second);
        await third.SubmitAsync("sign-in", ("Input.Passkey", answer), ("Input.State", state));
        third.At.Should().Be(new Uri(second, "/dashboard"));

        // What one ends is over at the other with the next request.
        await visitor.GoAsync("/dashboard/profile");
        await visitor.SubmitAsync("end-others");
        await third.GoAsync(new Uri(second, "/dashboard").ToString());
        third.Path.Should().Be("/dashboard/sign-in");
        await visitor.GoAsync(new Uri(second, "/dashboard").ToString());
        visitor.Path.Should().Be("/dashboard");
    }

    [Fact]
    public async Task Link_ForANewPassword_WorksAtTheOtherReplica()
    {
        await using var replicas = await Replicas.StartAsync(GatewayStores.Servers, ConsoleGateway.Settings);
        using var user = new PageVisitor(replicas.Gateways[1].Address);
        await user.RegisterAsync();
        using var administrator = new PageVisitor(replicas.Gateways[0].Address);
        await administrator.SignInAsync(ConsoleGateway.Administrator);
        await administrator.GoAsync($"/dashboard/admin/users?email={user.Email}");
        await administrator.GoAsync(administrator.Page.QuerySelector("main tbody a")!.GetAttribute("href")!);
        await administrator.SubmitAsync("change", ("Change.Action", "link"));

        await user.OpenAsync(new Uri(administrator.Text("#reset-link")));
        await user.SubmitAsync("reset", ("Input.Password", "the new one that I keep"));

        user.Message.Should().Be("The new password is set. Sign in with it.");
    }

    private static async Task<PageVisitor> AtSecondStepAsync(Uri replica, string email)
    {
        var visitor = new PageVisitor(replica);
        await visitor.SignInAsync(email);
        visitor.Path.Should().Be("/dashboard/sign-in/code");
        return visitor;
    }
}
