using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>Shows what is captured just now, and nothing else: it follows the open devices, not the wish.</summary>
    [AddComponentMenu("Rapport/Rapport Indicator")]
    public sealed class RapportIndicator : MonoBehaviour
    {
        private const float Height = 28f;
        private const float Margin = 12f;

        [Tooltip("Shown also while nothing is captured.")]
        [SerializeField] private bool _showWhenOff;

        [Tooltip("A click pauses all capture, another one lets it go on.")]
        [SerializeField] private bool _clickPauses = true;

        /// <summary>What it says: `● Camera · Microphone`; empty: it is hidden.</summary>
        public string Said
        {
            get
            {
                RapportClient client = RapportClient.Instance;
                if (client == null || !client.IsConnected)
                {
                    return _showWhenOff ? "○ Rapport is off" : "";
                }
                SidecarStatus status = client.Status;
                if (status.Paused)
                {
                    return "‖ Paused";
                }
                string said = "";
                foreach (string modality in status.Capturing)
                {
                    string device = modality == "face" ? "Camera" : modality == "voice" ? "Microphone" : modality;
                    said += (said.Length > 0 ? " · " : "● ") + device;
                }
                return said.Length > 0 ? said : _showWhenOff ? "○ Nothing is captured" : "";
            }
        }

        /// <summary>Pauses all capture, or lets it go on.</summary>
        public void Toggle()
        {
            RapportClient client = RapportClient.Instance;
            if (client != null && client.IsConnected)
            {
                if (client.Status.Paused)
                {
                    client.Resume();
                }
                else
                {
                    client.Pause();
                }
            }
        }

        private void OnGUI()
        {
            string said = Said;
            if (said.Length == 0)
            {
                return;
            }
            GUI.depth = -900;
            GUIStyle style = Styles.Button(15);
            float width = style.CalcSize(new GUIContent(said)).x + 16f;
            var place = new Rect(Screen.width - width - Margin, Margin, width, Height);
            if (GUI.Button(place, said, style) && _clickPauses)
            {
                Toggle();
            }
        }
    }
}
