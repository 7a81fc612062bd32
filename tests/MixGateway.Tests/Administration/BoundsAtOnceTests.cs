using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MixGateway.Administration;
using MixGateway.Administration.Forms;
using MixGateway.Administration.Users;
using MixGateway.Storage;
using MixGateway.Tests.Storage;

namespace MixGateway.Tests.Administration;

/// <summary>What may happen only so often happens only so often, also when all of it comes at once.</summary>
public sealed class BoundsAtOnceTests : IAsyncLifetime
{
    private const int AtOnce = 30;

    private readonly SqliteFile _file = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));

    private readonly Databases _databases;

    public BoundsAtOnceTests() => _databases = new Databases(_file);

    public Task InitializeAsync() => _file.MigrateAsync();

    public Task DisposeAsync()
    {
        _file.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Attempts_SentAtOnce_AreCountedBeforeTheyAreJudged()
    {
        var userId = await AddUserAsync();
        var attempts = Attempts();

        var taken = await AtOnceAsync(() => attempts.TakeAsync(userId));

        taken.Count(static attempt => attempt is not SignInAttempt.Refused).Should().Be(5);
        taken.Count(static attempt => attempt is SignInAttempt.Last).Should().Be(1);
        _time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        (await attempts.TakeAsync(userId)).Should().Be(SignInAttempt.Counted, "a lockout that is over forgets what was before");
    }

    [Fact]
    public async Task Attempt_ThatWasRight_UnlocksOrIsGivenBack()
    {
        var userId = await AddUserAsync();
        var attempts = Attempts();
        for (var i = 0; i < 5; i++)
        {
            await attempts.TakeAsync(userId);
        }

        await attempts.GiveBackAsync(userId);
        (await attempts.TakeAsync(userId)).Should().Be(SignInAttempt.Last, "four wrong ones still count");
        await attempts.ClearAsync(userId);

        (await attempts.TakeAsync(userId)).Should().Be(SignInAttempt.Counted);
        (await attempts.TakeAsync(Guid.NewGuid())).Should().Be(SignInAttempt.Refused, "there is no such user");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Actions_AtOnce_AreBoundedBySubjectAndWindow(int most)
    {
        var bounds = new ActionBounds(_databases, _time);

        var waits = await AtOnceAsync(() => bounds.TakeAsync("mail", "a", most, TimeSpan.FromHours(1)));

        waits.Count(static wait => wait is null).Should().Be(most);
        waits.Where(static wait => wait is not null).Should().OnlyContain(static wait => wait == TimeSpan.FromHours(1));
        (await bounds.TakeAsync("mail", "b", most, TimeSpan.FromHours(1))).Should().BeNull("it is another's");
        (await bounds.TakeAsync("other", "a", most, TimeSpan.FromHours(1))).Should().BeNull("it is of another kind");
        _time.Advance(TimeSpan.FromMinutes(59));
        (await bounds.TakeAsync("mail", "a", most, TimeSpan.FromHours(1))).Should().Be(TimeSpan.FromMinutes(1));
        _time.Advance(TimeSpan.FromMinutes(1));
        (await bounds.TakeAsync("mail", "a", most, TimeSpan.FromHours(1))).Should().BeNull();
    }

    [Fact]
    public async Task Form_SentAtOnce_IsBegunOnceAndItsPageIsShownOnceToItsOwner()
    {
        var forms = Forms();
        var form = new SentForm(forms.NewId(), "session");

        var begun = await AtOnceAsync(() => forms.TryBeginAsync(form));
        await forms.FinishAsync(form, "/there", "the page with a key"u8.ToArray());

        begun.Count(static first => first).Should().Be(1);
        (await forms.FindAsync(form)).Should().Be(new FormAnswer("/there", HasPage: true));
        (await forms.TakePageAsync(form with { Owner = SentForm.Guest })).Should().BeNull("it is another session's");
        await using (var database = _file.NewContext())
        {
            System.Text.Encoding.Latin1.GetString((await database.SentForms.SingleAsync()).Page!).Should().NotContain("key");
        }

        var pages = await AtOnceAsync(() => forms.TakePageAsync(form));
        pages.Where(static page => page is not null).Should().ContainSingle().Which.Should().Equal("the page with a key"u8.ToArray());
        (await forms.FindAsync(form)).Should().Be(new FormAnswer("/there", HasPage: false));
    }

    [Fact]
    public void Form_OfAPageThatIsTooOld_IsNotFresh()
    {
        var forms = Forms();
        var id = forms.NewId();

        forms.IsFresh(id).Should().BeTrue();
        _time.Advance(SentForms.Lifetime + TimeSpan.FromSeconds(1));
        forms.IsFresh(id).Should().BeFalse();
        forms.IsFresh(Guid.CreateVersion7(_time.GetUtcNow() + (2 * SentForms.Lifetime))).Should().BeFalse();
        forms.IsFresh(Guid.Empty).Should().BeFalse();
    }

    private static async Task<T[]> AtOnceAsync<T>(Func<Task<T>> action) => await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(action)));

    private SignInAttempts Attempts() => new(_databases, Options.Create(new IdentityOptions()), _time);

    private SentForms Forms() => new(_databases, new EphemeralDataProtectionProvider(), _time);

    private async Task<Guid> AddUserAsync()
    {
        var user = new UserRow { Id = Guid.NewGuid(), UserName = "jane@example.com", Email = "jane@example.com", SecurityStamp = "1", CreatedAt = _time.GetUtcNow().UtcDateTime };
        await using var database = _file.NewContext();
        database.Users.Add(user);
        await database.SaveChangesAsync();
        return user.Id;
    }

    private sealed class Databases(SqliteFile file) : IDbContextFactory<GatewayDbContext>
    {
        public GatewayDbContext CreateDbContext() => file.NewContext();
    }
}
