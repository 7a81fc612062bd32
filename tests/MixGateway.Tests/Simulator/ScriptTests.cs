using MixGateway.Simulator.Scripting;

namespace MixGateway.Tests.Simulator;

public sealed class ScriptTests
{
    [Theory]
    [InlineData("gpt-4o-2024-08-06")]
    [InlineData("org/model:free")]
    [InlineData("a=b")]
    public void Parse_IdWithoutPlus_IsAName(string id)
    {
        SimulatorScript script = Parse(id);

        script.Should().Be(new SimulatorScript { Id = id, Name = id });
    }

    [Fact]
    public void Parse_Segments_SetTheirKnobs()
    {
        SimulatorScript script = Parse("sim+chunks=20+delay=5+usage=asked+finish=length+stall=3:250+model=gpt-4o-2024-08-06");

        script.Name.Should().Be("sim");
        script.Chunks.Should().Be(20);
        script.Delay.Should().Be(TimeSpan.FromMilliseconds(5));
        script.Usage.Should().Be(UsageMode.Asked);
        script.Finish.Should().Be("length");
        script.Stall.Should().Be(new Stall(3, TimeSpan.FromMilliseconds(250)));
        script.ReportedModel.Should().Be("gpt-4o-2024-08-06");
    }

    [Theory]
    [InlineData("sim+", "'+' in the model id is not +knob=value.")]
    [InlineData("sim+chunks", "'+chunks' in the model id is not +knob=value.")]
    [InlineData("sim+=3", "'+=3' in the model id is not +knob=value.")]
    [InlineData("sim+chunks=-1", "'chunks=-1' in the model id is not chunks=0..1000000.")]
    [InlineData("sim+chunks=1,5", "'chunks=1,5' in the model id is not chunks=0..1000000.")]
    [InlineData("sim+usage=often", "'usage=often' in the model id is not usage=asked|always|never|last|zero|first|every.")]
    [InlineData("sim+stall=3", "'stall=3' in the model id is not stall=K:ms.")]
    [InlineData("sim+text=", "'text=' in the model id is not text=a word.")]
    [InlineData("sim+fragment=0", "'fragment=0' in the model id is not fragment=1..67108864.")]
    public void Parse_WrongSegment_SaysWhatWouldBeRight(string id, string message)
    {
        SimulatorScript.TryParse(id, out _, out string? error).Should().BeFalse();

        error.Should().Be(message);
    }

    [Fact]
    public void Parse_UnknownKnob_ListsTheKnownOnes()
    {
        SimulatorScript.TryParse("sim+colour=red", out _, out string? error).Should().BeFalse();

        error.Should().StartWith("The simulator has no knob 'colour'. Known: chunks, text, size");
    }

    [Theory]
    [InlineData("chunks=3")]
    [InlineData("text=word")]
    [InlineData("size=4096")]
    [InlineData("choices=2")]
    [InlineData("tools=3")]
    [InlineData("reasoningtext=1")]
    [InlineData("rolechunk=1")]
    [InlineData("finish=length")]
    [InlineData("dims=3")]
    [InlineData("model=x")]
    [InlineData("modelnull=1")]
    [InlineData("headers=1")]
    [InlineData("first=5")]
    [InlineData("delay=5")]
    [InlineData("stall=1:5")]
    [InlineData("usage=last")]
    [InlineData("usagestyle=deepseek")]
    [InlineData("nullusage=1")]
    [InlineData("prompt=1")]
    [InlineData("completion=-1")]
    [InlineData("cached=1")]
    [InlineData("cachewrite=1")]
    [InlineData("reasoning=1")]
    [InlineData("error=429")]
    [InlineData("errorbody=html")]
    [InlineData("retryafter=1")]
    [InlineData("ok200error=1")]
    [InlineData("fail=1")]
    [InlineData("status=418")]
    [InlineData("hang=1")]
    [InlineData("reset=1")]
    [InlineData("cut=0")]
    [InlineData("errorafter=0")]
    [InlineData("nodone=1")]
    [InlineData("nofinish=1")]
    [InlineData("malformed=1")]
    [InlineData("eol=cr")]
    [InlineData("comments=1")]
    [InlineData("multiline=1")]
    [InlineData("nospace=1")]
    [InlineData("bom=1")]
    [InlineData("event=1")]
    [InlineData("trailing=1")]
    [InlineData("fragment=1")]
    [InlineData("glue=1")]
    [InlineData("gzip=force")]
    [InlineData("pretty=1")]
    [InlineData("big=1")]
    [InlineData("jsonchunked=1")]
    public void Parse_EveryKnob_ChangesTheScript(string segment)
    {
        string id = "sim+" + segment;

        Parse(id).Should().NotBe(new SimulatorScript { Id = id, Name = "sim" });
    }

    [Fact]
    public void Knobs_All_HaveATestAbove()
    {
        IEnumerable<string> tested = typeof(ScriptTests).GetMethod(nameof(Parse_EveryKnob_ChangesTheScript))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(data => ((string)((InlineDataAttribute)data).GetData(null!).Single()[0]).Split('=')[0]);

        ScriptKnobs.All.Select(knob => knob.Name).Should().BeEquivalentTo(tested);
    }

    private static SimulatorScript Parse(string id)
    {
        SimulatorScript.TryParse(id, out SimulatorScript? script, out string? error).Should().BeTrue(error);
        return script!;
    }
}
