namespace Rapport
{
    /// <summary>Where in a message of the control endpoint its reply stands.</summary>
    internal struct ReplyFrame
    {
        /// <summary>The id of the request that it answers.</summary>
        public long Id;

        /// <summary>Whether it is a `Failure` instead of an answer.</summary>
        public bool IsError;

        public int Start;
        public int Length;

        /// <summary>Finds the reply; false if the message is none.</summary>
        public static bool TryRead(byte[] data, int start, int length, Words words, out ReplyFrame frame)
        {
            frame = new ReplyFrame { Id = -1 };
            var reader = new MessagePackReader(data, start, length, words);
            for (int left = reader.ReadMap(); left > 0 && reader.Ok; left--)
            {
                string name = reader.ReadWord();
                if (name == "id")
                {
                    frame.Id = reader.ReadInteger(0, long.MaxValue);
                    continue;
                }
                int at = reader.Position;
                reader.Skip();
                if (name == "reply" || name == "error")
                {
                    frame.Start = at;
                    frame.Length = reader.Position - at;
                    frame.IsError = name == "error";
                }
            }
            reader.Finish();
            return reader.Ok && frame.Id >= 0 && frame.Length > 0;
        }
    }
}
