using System.Collections.Generic;

namespace Rapport
{
    /// <summary>What the sidecar answered, or why it did not.</summary>
    public sealed class Reply
    {
        private Reply()
        {
        }

        /// <summary>Whether it did what was asked.</summary>
        public bool Ok => Code.Length == 0;

        /// <summary>The fields of the answer; empty unless <see cref="Ok"/>.</summary>
        public Fields Fields { get; private set; } = Fields.None;

        /// <summary>Stable code of what went wrong; empty: nothing.</summary>
        public string Code { get; private set; } = "";

        /// <summary>One sentence that says what happened.</summary>
        public string What { get; private set; } = "";

        /// <summary>What that means for the user.</summary>
        public string Meaning { get; private set; } = "";

        /// <summary>What to do.</summary>
        public string Remedy { get; private set; } = "";

        /// <summary>Whether trying again can help.</summary>
        public bool Retryable { get; private set; }

        public override string ToString()
        {
            return Ok ? "ok" : What + " [" + Code + "]";
        }

        internal static Reply Answered(IDictionary<string, object> fields)
        {
            return new Reply { Fields = new Fields(fields) };
        }

        internal static Reply Failed(string code, string what)
        {
            return new Reply { Code = code, What = what, Retryable = code != Codes.RequestInvalid };
        }

        // From the sidecar's `Failure`.
        internal static Reply Refused(Fields failure)
        {
            return new Reply
            {
                Code = failure.Text("code", Codes.MessageInvalid),
                What = failure.Text("what"),
                Meaning = failure.Text("meaning"),
                Remedy = failure.Text("remedy"),
                Retryable = failure.Flag("retryable"),
            };
        }
    }
}
