using System.Runtime.CompilerServices;

namespace MixGateway.OpenAI;

/// <summary>Where in a request the meter is, and what stands there.</summary>
internal partial struct PromptMeter
{
    /// <summary>What an object or array is.</summary>
    private enum Place : byte
    {
        Text,
        Root,
        Messages,
        Message,
        Parts,
        Part,

        /// <summary>Pictures, one each.</summary>
        Images,

        /// <summary>One picture, as an object around its address or bytes.</summary>
        Image,

        /// <summary>One picture in Anthropic's form.</summary>
        Source,

        /// <summary>One file, video or recording.</summary>
        File,

        /// <summary>One video, as its pictures.</summary>
        Frames,
    }

    /// <summary>What a member's name says; several names say the same.</summary>
    private enum Name : byte
    {
        Other,
        Type,
        Messages,
        Input,
        Content,
        Images,
        Image,
        File,
        Audio,
        Source,
        Address,
        Bytes,
        Id,
    }

    /// <summary>What a string is.</summary>
    private enum Role
    {
        Text,
        Image,
        ImageBytes,
        Reference,

        /// <summary>Belongs to a file that is counted already.</summary>
        OfReference,
    }

    private readonly Role RoleIn(Place place) => (place, _name) switch
    {
        (Place.Part, Name.Image) or (Place.Images, _) or (Place.Image, Name.Address or Name.Bytes or Name.Image) => Role.Image,
        (Place.Part, Name.File or Name.Audio or Name.Id) or (Place.Image, Name.Id) or (Place.Source, Name.Address or Name.Id) => Role.Reference,
        (Place.Source, Name.Bytes) => Role.ImageBytes,
        (Place.File, Name.Address or Name.Bytes or Name.Id or Name.File or Name.Image) or (Place.Frames, _) => Role.OfReference,
        _ => Role.Text,
    };

    /// <summary>What an object or array is inside of another, by the name before it.</summary>
    private readonly Place Within(Place parent, bool isArray) => (parent, _name, isArray) switch
    {
        (Place.Root, Name.Messages, true) when _operation != ApiOperation.Completions => Place.Messages,
        (Place.Root, Name.Input, _) when _operation == ApiOperation.Embeddings => isArray ? Place.Parts : Place.Part,
        (Place.Messages, _, false) => Place.Message,
        (Place.Message, Name.Content or Name.Images, _) or (Place.Part, Name.Content, _) => isArray ? Place.Parts : Place.Part,
        (Place.Message, Name.Audio, false) => Place.File,
        (Place.Parts, _, false) => Place.Part,
        (Place.Part, Name.Image, _) => isArray ? Place.Images : Place.Image,
        (Place.Part, Name.File or Name.Audio, _) => isArray ? Place.Frames : Place.File,
        (Place.Part, Name.Source, false) => Place.Source,
        (Place.Images, _, false) => Place.Image,
        (Place.Frames, _, false) => Place.File,
        _ => Place.Text,
    };

    private static Name Classify(ReadOnlySpan<byte> raw, bool escaped)
    {
        if (raw.Length > MaxNameBytes)
        {
            return Name.Other;
        }

        Span<byte> scratch = stackalloc byte[MaxNameBytes];
        Span<byte> folded = stackalloc byte[MaxNameBytes];
        var name = JsonText.Meaning(raw, escaped, scratch);
        return ClassifyFolded(name.ContainsAnyExceptInRange((byte)'_', (byte)'z') ? MemberName.Fold(name, folded) : name);
    }

    private static Name ClassifyFolded(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => name.SequenceEqual("id"u8) ? Name.Id : Name.Other,
        3 => name.SequenceEqual("url"u8) || name.SequenceEqual("uri"u8) ? Name.Address : name.SequenceEqual("pdf"u8) ? Name.File : Name.Other,
        4 => name.SequenceEqual("type"u8) ? Name.Type : name.SequenceEqual("data"u8) ? Name.Bytes : name.SequenceEqual("file"u8) ? Name.File : Name.Other,
        5 => name.SequenceEqual("image"u8) ? Name.Image
            : name.SequenceEqual("video"u8) ? Name.File
            : name.SequenceEqual("audio"u8) ? Name.Audio
            : name.SequenceEqual("input"u8) ? Name.Input
            : Name.Other,
        6 => name.SequenceEqual("source"u8) ? Name.Source
            : name.SequenceEqual("images"u8) ? Name.Images
            : name.SequenceEqual("base64"u8) ? Name.Bytes
            : Name.Other,
        7 => name.SequenceEqual("content"u8) ? Name.Content : name.SequenceEqual("file_id"u8) ? Name.Id : Name.Other,
        8 => name.SequenceEqual("messages"u8) ? Name.Messages
            : name.SequenceEqual("image_id"u8) ? Name.Id
            : name.SequenceEqual("b64_json"u8) ? Name.Bytes
            : name.SequenceEqual("file_url"u8) || name.SequenceEqual("document"u8) ? Name.File
            : Name.Other,
        _ => ClassifyLonger(name),
    };

    private static Name ClassifyLonger(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("image_url"u8) || name.SequenceEqual("input_image"u8) ? Name.Image
        : name.SequenceEqual("file_data"u8) || name.SequenceEqual("video_url"u8) || name.SequenceEqual("audio_url"u8) || name.SequenceEqual("input_file"u8)
            || name.SequenceEqual("input_audio"u8) || name.SequenceEqual("input_video"u8) || name.SequenceEqual("document_url"u8) ? Name.File
        : Name.Other;

    /// <summary>By the depth of the object or array.</summary>
    [InlineArray(MaxPlaces)]
    private struct Places
    {
        private Place _first;
    }
}
