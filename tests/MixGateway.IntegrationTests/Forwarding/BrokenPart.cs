using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MixGateway.IntegrationTests.Forwarding;

/// <summary>Parts with a bug, to put among the services of a gateway under test.</summary>
internal static class BrokenPart
{
    /// <summary>What the bug throws; nothing of it may reach a caller.</summary>
    public const string Text = "a bug with a secret in its text";

    /// <summary>Throws while a request to a provider is made.</summary>
    public static void InRequestTransform(IServiceCollection services) => services.AddSingleton<ITransformProvider>(new Transforms(static context =>
        context.AddRequestTransform(static _ => throw new InvalidOperationException(Text))));

    /// <summary>Throws before the provider's answer is looked at.</summary>
    public static void BeforeTheRelay(IServiceCollection services) => services.AddSingleton<ITransformProvider>(new Transforms(static context =>
        context.ResponseTransforms.Insert(0, new BrokenTransform())));

    /// <summary>Throws at one write of each answer to a chat call.</summary>
    /// <param name="write">Which write: 1 is the first.</param>
    /// <param name="forever">True if each following one throws too.</param>
    public static Action<IServiceCollection> InWrite(int write, bool forever = false) => services => services.TryAddEnumerable(
        ServiceDescriptor.Singleton<IStartupFilter>(new BreakWrites(write, forever)));

    private sealed class Transforms(Action<TransformBuilderContext> apply) : ITransformProvider
    {
        public void Apply(TransformBuilderContext context) => apply(context);

        public void ValidateCluster(TransformClusterValidationContext context)
        {
        }

        public void ValidateRoute(TransformRouteValidationContext context)
        {
        }
    }

    private sealed class BrokenTransform : ResponseTransform
    {
        public override ValueTask ApplyAsync(ResponseTransformContext context) => throw new InvalidOperationException(Text);
    }

    private sealed class BreakWrites(int write, bool forever) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, following) =>
            {
                if (context.Request.Path.StartsWithSegments("/v1/chat"))
                {
                    var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
                    context.Features.Set<IHttpResponseBodyFeature>(new BrokenBody(body, write, forever));
                }

                return following(context);
            });
            next(app);
        };
    }

    private sealed class BrokenBody(IHttpResponseBodyFeature body, int write, bool forever) : IHttpResponseBodyFeature
    {
        public Stream Stream => body.Stream;

        public PipeWriter Writer { get; } = new BrokenWriter(body.Writer, write, forever);

        public Task CompleteAsync() => body.CompleteAsync();

        public void DisableBuffering() => body.DisableBuffering();

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => body.SendFileAsync(path, offset, count, cancellationToken);

        public Task StartAsync(CancellationToken cancellationToken = default) => body.StartAsync(cancellationToken);
    }

    private sealed class BrokenWriter(PipeWriter writer, int write, bool forever) : PipeWriter
    {
        private int _writes;

        public override void Advance(int bytes) => writer.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Break();
            return writer.FlushAsync(cancellationToken);
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            Break();
            return writer.WriteAsync(source, cancellationToken);
        }

        private void Break()
        {
            if (++_writes == write || (forever && _writes > write))
            {
                throw new InvalidOperationException(Text);
            }
        }
    }
}
