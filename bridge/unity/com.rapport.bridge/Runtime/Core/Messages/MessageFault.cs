namespace Rapport
{
    /// <summary>Why a message was refused; <see cref="None"/>: it was not.</summary>
    /// <remarks>Says nothing of what the message held, which may be personal.</remarks>
    public enum MessageFault
    {
        None,

        /// <summary>More bytes than a message may have.</summary>
        TooLong,

        /// <summary>It does not begin with the topic that was subscribed to.</summary>
        Topic,

        /// <summary>It ends in the middle, or promises more than it has bytes for.</summary>
        Truncated,

        /// <summary>Bytes follow the end of the map.</summary>
        Trailing,

        /// <summary>A byte that begins no MessagePack value.</summary>
        Format,

        /// <summary>Values lie deeper in each other than is read.</summary>
        TooDeep,

        /// <summary>A text that is no UTF-8.</summary>
        Text,

        /// <summary>A value of another type than its field has.</summary>
        Type,

        /// <summary>A number outside its range, or a sum that is not what it must be.</summary>
        Range,

        /// <summary>A required field is missing.</summary>
        Missing,
    }
}
