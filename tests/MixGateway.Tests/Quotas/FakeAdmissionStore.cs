using MixGateway.Quotas;

namespace MixGateway.Tests.Quotas;

/// <summary>Answers as it was told to, one after the other, and keeps what it was asked.</summary>
internal sealed class FakeAdmissionStore : IAdmissionStore
{
    private readonly Queue<Func<AdmissionRequest, Admission>> _answers = new();

    public List<AdmissionRequest> Asked { get; } = [];

    public List<Guid> Installed { get; } = [];

    public List<Guid> Refreshed { get; } = [];

    /// <summary>Whether an account can be installed.</summary>
    public bool Installs { get; set; } = true;

    /// <summary>Whether a refresh finds something new.</summary>
    public bool HasNews { get; set; }

    public void Answer(params ReadOnlySpan<Admission> answers)
    {
        foreach (var answer in answers)
        {
            _answers.Enqueue(_ => answer);
        }
    }

    public void Hold() => _answers.Enqueue(static request => new Admission(AdmissionStatus.Held) { Ticket = new CallTicket(request) });

    public ValueTask<Admission> AdmitAsync(AdmissionRequest request)
    {
        Asked.Add(request);
        return new ValueTask<Admission>(_answers.Dequeue()(request));
    }

    public Task<bool> InstallAsync(Guid accountId, IReadOnlyCollection<Guid> keyIds)
    {
        Installed.Add(accountId);
        return Task.FromResult(Installs);
    }

    public ValueTask<bool> RefreshAsync(Guid accountId)
    {
        Refreshed.Add(accountId);
        return new ValueTask<bool>(HasNews);
    }
}
