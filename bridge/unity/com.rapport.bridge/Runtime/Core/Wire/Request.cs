using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>A request that waits for its reply.</summary>
    internal sealed class Request
    {
        public long Id;
        public byte[] Message;

        /// <summary>When it is given up, in ms on <see cref="Clock"/>.</summary>
        public long DeadlineMs;

        /// <summary>Whether hello was said because of it.</summary>
        public bool Retried;

        /// <summary>Gets the reply once, on the network's thread.</summary>
        public Action<Reply> Done;

        /// <summary>For `events.since`: gets the events instead, or null.</summary>
        public Action<List<RapportEvent>> DonePage;

        public void Fail(string code, string what)
        {
            DonePage?.Invoke(null);
            Done?.Invoke(Reply.Failed(code, what));
        }

        /// <summary>The bytes of a request.</summary>
        /// <exception cref="ArgumentException">A field cannot be written, or all together are too long.</exception>
        public static byte[] Encode(string op, IDictionary<string, object> fields, long id)
        {
            var writer = new MessagePackWriter();
            writer.WriteMap(2 + (fields?.Count ?? 0));
            writer.WriteText("op");
            writer.WriteText(op);
            if (fields != null)
            {
                foreach (KeyValuePair<string, object> field in fields)
                {
                    writer.WriteText(field.Key);
                    writer.Write(field.Value);
                }
            }
            writer.WriteText("id");
            writer.WriteInteger(id);
            if (writer.Length > ZmtpLink.FrameBytesMax)
            {
                throw new ArgumentException("the request is longer than 65,536 bytes");
            }
            return writer.ToArray();
        }
    }
}
