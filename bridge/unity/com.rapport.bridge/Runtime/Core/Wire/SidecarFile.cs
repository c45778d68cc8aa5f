using System;
using System.Collections.Generic;

namespace Rapport
{
    /// <summary>What a running sidecar says about itself. Never to be logged or shown: it holds tokens.</summary>
    internal sealed class SidecarFile
    {
        /// <summary>Process id.</summary>
        public long Pid { get; private set; }

        /// <summary>Start of its process in seconds; on Linux since the system's start.</summary>
        public double ProcessStarted { get; private set; }

        /// <summary>When it was ready, in seconds since the Unix epoch.</summary>
        public double StartedWall { get; private set; }

        public string State { get; private set; }

        public string Events { get; private set; }

        /// <summary>Empty: requests are not taken.</summary>
        public string Control { get; private set; }

        public string ReadToken { get; private set; }

        public string ControlToken { get; private set; }

        /// <summary>Whether its connections are encrypted, which this bridge does not speak.</summary>
        public bool Encrypted { get; private set; }

        /// <summary>Whether both are the same start of the same sidecar.</summary>
        public bool IsSame(SidecarFile other)
        {
            return other != null && Pid == other.Pid && State == other.State && ReadToken == other.ReadToken;
        }

        public override string ToString()
        {
            return "sidecar " + Pid; // and nothing else
        }

        /// <summary>Reads the JSON of such a file; null if it lacks something or is not what it must be.</summary>
        public static SidecarFile Read(string json)
        {
            if (!Json.TryRead(json, out object value) || !(value is IDictionary<string, object> map))
            {
                return null;
            }
            var fields = new Fields(map);
            var found = new SidecarFile
            {
                Pid = fields.Integer("pid"),
                ProcessStarted = fields.Number("process_started") ?? 0,
                StartedWall = fields.Number("started_wall") ?? -1,
                State = fields.Text("state"),
                Events = fields.Text("events"),
                Control = fields.Text("control"),
                ReadToken = fields.Text("read_token"),
                ControlToken = fields.Text("control_token"),
                Encrypted = fields.Text("server_key").Length > 0,
            };
            return found.Pid >= 1 && found.StartedWall >= 0 && found.IsUsable() ? found : null;
        }

        // A token is sent after its length in one byte, in ASCII.
        private bool IsUsable()
        {
            foreach (string token in new[] { ReadToken, ControlToken })
            {
                if (token.Length > 255 || !IsAscii(token))
                {
                    return false;
                }
            }
            try
            {
                if (!Encrypted)
                {
                    Endpoint.Parse(State);
                    Endpoint.Parse(Events);
                    if (Control.Length > 0)
                    {
                        Endpoint.Parse(Control);
                    }
                }
                return true;
            }
            catch (LinkException)
            {
                return false;
            }
        }

        private static bool IsAscii(string text)
        {
            foreach (char letter in text)
            {
                if (letter <= ' ' || letter > '~')
                {
                    return false;
                }
            }
            return true;
        }
    }
}
