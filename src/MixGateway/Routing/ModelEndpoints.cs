using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.Features;
using MixGateway.Authentication;
using MixGateway.Billing;
using MixGateway.Catalog;
using MixGateway.OpenAI;

namespace MixGateway.Routing;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>: what the caller's key may use.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this WebApplication app)
    {
        var models = app.MapGroup("/v1/models").AddEndpointFilter(CheckKeyAsync);
        var rendered = new RenderedModels();
        models.MapGet("", (HttpContext context, CatalogStore catalog) => ListAsync(context, catalog, rendered));

        // An id may hold slashes and colons.
        models.MapGet("/{**id}", FindAsync);
    }

    private static async ValueTask<object?> CheckKeyAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var caller = context.Features.GetRequiredFeature<Caller>();
        var answer = await context.RequestServices.GetRequiredService<CallerCheck>().ConfirmAsync(caller, context.Connection.RemoteIpAddress);
        if (answer.Error is { } error)
        {
            await context.WriteErrorAsync(error);

            // Null would be written behind it, as JSON.
            return Results.Empty;
        }

        context.Features.Set(answer.Caller);
        return await next(invocation);
    }

    private static Task ListAsync(HttpContext context, CatalogStore catalog, RenderedModels rendered)
    {
        var caller = context.Features.GetRequiredFeature<Caller>();
        context.Response.Headers.CacheControl = "private, no-cache";
        return rendered.Of(catalog.Current, caller.AllowedModels, ToEntry).SendAsync(context);
    }

    private static async Task FindAsync(HttpContext context, CatalogStore catalog)
    {
        var id = ModelPath.IdOf(context);
        var caller = context.Features.GetRequiredFeature<Caller>();
        var routing = ModelRouter.Route(catalog.Current, id, caller.AllowedModels);
        if (routing.Plan is not { } plan)
        {
            await context.WriteErrorAsync(routing.Outcome == RouteOutcome.NotAllowed
                ? OpenAIErrors.ModelNotAllowed(id)
                : OpenAIErrors.ModelNotFound(id, ModelSuggestion.For(catalog.Current, id, caller.AllowedModels)));
            return;
        }

        context.Response.ContentType = "application/json";
        ModelList.WriteOne(context.Response.BodyWriter, ToEntry(new ListedModel(id, plan.Candidates[0])));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static OpenAI.ListedModel ToEntry(ListedModel listed) => new(
        listed.Name,
        Created: 0, // No provider's configuration says, and an invented date would be taken for the model's.
        listed.Model.Provider.Name,
        listed.Model.Model.ContextLength,
        listed.Model.Model.MaxOutputTokens,
        PricesOf(listed.Model.Model.Price));

    /// <summary>Per million tokens, per call and per use of a tool, in the billing currency.</summary>
    private static ImmutableArray<KeyValuePair<string, string>> PricesOf(Price price) =>
    [
        new("input", new Money(price.Tokens.Input).ToString()),
        new("cached_input", new Money(price.Tokens.CachedInput).ToString()),
        new("cache_write", new Money(price.Tokens.CacheWrite).ToString()),
        new("output", new Money(price.Tokens.Output).ToString()),
        new("reasoning", new Money(price.Tokens.Reasoning).ToString()),
        new("request", new Money(price.Request).ToString()),
        .. from other in price.Others select KeyValuePair.Create(other.Key, new Money(other.Value).ToString()),
    ];
}
