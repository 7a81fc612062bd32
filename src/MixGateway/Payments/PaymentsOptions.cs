namespace MixGateway.Payments;

/// <summary>How accounts are topped up; section <c>Payments</c>. A provider is off while none of its secrets is set.</summary>
internal sealed class PaymentsOptions
{
    public const string Section = "Payments";

    /// <summary>The least that may be topped up, in the billing currency.</summary>
    public decimal MinAmount { get; set; } = 5;

    /// <summary>The most that may be topped up at a time, in the billing currency.</summary>
    public decimal MaxAmount { get; set; } = 10_000;

    /// <summary>If set, only these amounts may be topped up.</summary>
    public decimal[]? Amounts { get; set; }

    /// <summary>What the payer sees as the name of what is paid for.</summary>
    public string ProductName { get; set; } = "API credit";

    /// <summary>Where the payer's browser goes afterwards; by default the console's billing page below <c>Console:PublicUrl</c>.</summary>
    public string? ReturnUrl { get; set; }

    /// <summary>The address below which providers reach this gateway; by default <c>Console:PublicUrl</c>.</summary>
    public string? NotifyUrl { get; set; }

    /// <summary>Notifications that one address may send in a minute; more are answered with 429.</summary>
    public int NotificationsPerMinute { get; set; } = 600;

    public StripeOptions Stripe { get; set; } = new();

    public EPayOptions EPay { get; set; } = new();
}

/// <summary>Section <c>Payments:Stripe</c>.</summary>
internal sealed class StripeOptions
{
    /// <summary>Opens Stripe's API: <c>sk_…</c> or a restricted <c>rk_…</c>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Signs Stripe's notifications: <c>whsec_…</c>.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Where Stripe's API is.</summary>
    public string ApiUrl { get; set; } = "https://api.stripe.com";

    /// <summary>The longest that one call of the API may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    public bool IsOn => !string.IsNullOrEmpty(SecretKey) || !string.IsNullOrEmpty(WebhookSecret);
}

/// <summary>Section <c>Payments:EPay</c>.</summary>
internal sealed class EPayOptions
{
    /// <summary>The currency of every EPay payment.</summary>
    public const string Currency = "CNY";

    private static readonly string[] DefaultMethods = ["alipay", "wxpay"];

    /// <summary>Address of the payment site, without <c>submit.php</c>.</summary>
    public string? Url { get; set; }

    /// <summary>The merchant's id at that site.</summary>
    public string? Pid { get; set; }

    /// <summary>The merchant's key, which signs in both directions.</summary>
    public string? Key { get; set; }

    /// <summary>Ways to pay that are offered, as the site names them.</summary>
    public string[]? Methods { get; set; }

    /// <summary>Yuan for one unit of the billing currency; not needed where that is yuan.</summary>
    public decimal? Rate { get; set; }

    public string[] GetOfferedMethods() => Methods ?? DefaultMethods;

    public bool IsOn => !string.IsNullOrEmpty(Pid) || !string.IsNullOrEmpty(Key) || !string.IsNullOrEmpty(Url);
}
