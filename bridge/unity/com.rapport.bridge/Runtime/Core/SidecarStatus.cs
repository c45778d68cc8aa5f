using System.Collections.Generic;

namespace Rapport
{
    /// <summary>What the sidecar does just now; empty while none is connected.</summary>
    public sealed class SidecarStatus
    {
        internal static readonly SidecarStatus None = new SidecarStatus(Fields.None);

        internal SidecarStatus(Fields fields)
        {
            Fields = fields;
            Capturing = fields.Texts("capturing");
            Applications = fields.Texts("applications");
        }

        /// <summary>All fields of `Status`, newer ones too.</summary>
        public Fields Fields { get; }

        /// <summary>The modalities that are captured now. An indicator shows exactly these.</summary>
        public IReadOnlyList<string> Capturing { get; }

        /// <summary>`live`, `clip`, `replay` or `simulation`; empty: not known.</summary>
        public string Source => Fields.Text("source");

        /// <summary>Whether all capture is stopped.</summary>
        public bool Paused => Fields.Flag("paused");

        /// <summary>`off`, `menu` or `full`; empty: not known.</summary>
        public string Duty => Fields.Text("duty");

        /// <summary>Name of the recording in progress; empty: none.</summary>
        public string Recording => Fields.Text("recording");

        /// <summary>`none`, or what the state's baseline says.</summary>
        public string Baseline => Fields.Text("baseline", "none");

        /// <summary>The applications that hold a lease.</summary>
        public IReadOnlyList<string> Applications { get; }

        /// <summary>Why a device (`camera`, `microphone`) is not open: `consent_missing`, `paused` …; empty: it is not waited for.</summary>
        public string WaitingFor(string device)
        {
            return Fields.Map("waiting_for").Text(device);
        }
    }
}
