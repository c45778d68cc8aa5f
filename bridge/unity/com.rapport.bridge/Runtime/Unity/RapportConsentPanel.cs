using System;
using System.Collections.Generic;
using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>Asks the player whether camera and microphone may be used, and lets the player take it back.</summary>
    /// <remarks>
    /// Shows the text that the sidecar hands out, whole and unchanged. Each permission has a box of
    /// its own that is never ticked beforehand; yes and no are alike. Drawn by code, so it needs no
    /// prefab: mouse, or Tab and the arrow keys, Space to tick, Enter and Escape to answer.
    /// </remarks>
    [AddComponentMenu("Rapport/Rapport Consent Panel")]
    public sealed class RapportConsentPanel : MonoBehaviour
    {
        /// <summary>Where it is remembered that the player has said no, so that nobody is asked twice.</summary>
        private const string Memory = "rapport.consent.declined";

        private const float Width = 720f;
        private const float Height = 520f;
        private const float Margin = 24f;
        private const int FontSize = 18;

        [SerializeField] private bool _askCamera = true;
        [SerializeField] private bool _askMicrophone = true;
        [SerializeField] private bool _askRecording;

        [Tooltip("Whether words may be sent to a language model on another machine.")]
        [SerializeField] private bool _askText;

        [Tooltip("The language of the text, such as de. Empty: the system's.")]
        [SerializeField] private string _language = "";

        [Tooltip("Opens by itself when something was neither allowed nor refused yet.")]
        [SerializeField] private bool _askAtStart = true;

        private readonly Dictionary<string, bool> _ticked = new Dictionary<string, bool>();
        private readonly HashSet<string> _granted = new HashSet<string>();
        private Fields _text;
        private string _problem = "";
        private Vector2 _scroll;
        private bool _asking;
        private int _focus;

        /// <summary>The player has answered; the permissions that were allowed just now.</summary>
        public event Action<IReadOnlyList<string>> Answered;

        /// <summary>The player has taken a permission back.</summary>
        public event Action<string> Revoked;

        /// <summary>Whether it is shown.</summary>
        public bool IsOpen { get; private set; }

        /// <summary>What is asked for.</summary>
        public IReadOnlyList<string> Asked
        {
            get
            {
                var asked = new List<string>();
                if (_askCamera) { asked.Add("camera"); }
                if (_askMicrophone) { asked.Add("microphone"); }
                if (_askRecording) { asked.Add("recording"); }
                if (_askText) { asked.Add("text"); }
                return asked;
            }
        }

        /// <summary>Shows the panel: to be asked, or to see what is allowed and take it back.</summary>
        public void Open()
        {
            IsOpen = true;
            Load(false);
        }

        /// <summary>Closes it without an answer.</summary>
        public void Close()
        {
            IsOpen = false;
        }

        /// <summary>Ticks or unticks a permission, as the player does.</summary>
        public void Tick(string permission, bool ticked)
        {
            if (_ticked.ContainsKey(permission))
            {
                _ticked[permission] = ticked;
            }
        }

        /// <summary>Allows what is ticked, as the button does.</summary>
        public async void Agree()
        {
            var chosen = new List<string>();
            foreach (KeyValuePair<string, bool> box in _ticked)
            {
                if (box.Value)
                {
                    chosen.Add(box.Key);
                }
            }
            if (chosen.Count == 0)
            {
                _problem = "Tick what you allow, or choose the other answer.";
                return;
            }
            Reply reply = await RapportClient.Instance.GrantConsent(chosen, _text);
            if (!reply.Ok)
            {
                _problem = reply.What;
                return;
            }
            PlayerPrefs.DeleteKey(Memory);
            Close();
            Answered?.Invoke(chosen);
        }

        /// <summary>Allows nothing, as the button does. The player is not asked again until the text changes.</summary>
        public void Decline()
        {
            PlayerPrefs.SetString(Memory, _text == null ? "" : _text.Text("version"));
            Close();
            Answered?.Invoke(new string[0]);
        }

        /// <summary>Takes a permission back, as the button does; the device is closed at once.</summary>
        public async void Revoke(string permission)
        {
            Reply reply = await RapportClient.Instance.RevokeConsent(new[] { permission });
            if (reply.Ok)
            {
                Revoked?.Invoke(permission);
                Load(false);
            }
            else
            {
                _problem = reply.What;
            }
        }

        private void Update()
        {
            RapportClient client = RapportClient.Instance;
            if (_askAtStart && client != null && client.IsConnected)
            {
                _askAtStart = false;
                Load(true);
            }
        }

        // Gets text and consent; opens the panel if something is open, when that is wanted.
        private async void Load(bool openIfNeeded)
        {
            RapportClient client = RapportClient.Instance;
            if (_asking)
            {
                return;
            }
            _problem = "";
            if (client == null || !client.IsConnected)
            {
                _text = null;
                return;
            }
            _asking = true;
            Reply text = await client.ConsentText(_language.Length > 0 ? _language : SystemLanguages.Code(Application.systemLanguage));
            Reply status = await client.Ask("consent.status");
            _asking = false;
            if (!text.Ok || !status.Ok)
            {
                _text = null;
                _problem = text.Ok ? status.What : text.What;
                return;
            }
            _text = text.Fields;
            _granted.Clear();
            foreach (Fields grant in status.Fields.Maps("grants"))
            {
                _granted.Add(grant.Text("permission"));
            }
            _ticked.Clear();
            foreach (string permission in Asked)
            {
                if (!_granted.Contains(permission))
                {
                    _ticked[permission] = false;
                }
            }
            _focus = 0;
            bool refused = PlayerPrefs.GetString(Memory, "") == _text.Text("version");
            IsOpen = IsOpen || (openIfNeeded && _ticked.Count > 0 && !refused);
        }

        private void OnGUI()
        {
            if (!IsOpen)
            {
                return;
            }
            GUI.depth = -1000;
            float scale = Mathf.Max(0.5f, Screen.height / 720f);
            Matrix4x4 before = GUI.matrix;
            GUI.matrix = Matrix4x4.Scale(new Vector3(scale, scale, 1));
            float wide = Screen.width / scale, high = Screen.height / scale;
            GUI.Box(new Rect(0, 0, wide, high), "");
            GUI.Box(new Rect(0, 0, wide, high), "");
            var card = new Rect((wide - Width) / 2, (high - Height) / 2, Width, Height);
            GUI.Box(card, "");
            GUI.Box(card, "");
            GUILayout.BeginArea(new Rect(card.x + Margin, card.y + Margin, Width - 2 * Margin, Height - 2 * Margin));
            if (_text == null)
            {
                DrawAlone();
            }
            else
            {
                DrawText();
            }
            GUILayout.EndArea();
            GUI.matrix = before;
        }

        private void DrawAlone()
        {
            GUILayout.Label(_problem.Length > 0 ? _problem : "Rapport does not run. The game plays on without it.", Styles.Body(FontSize));
            GUILayout.FlexibleSpace();
            GUILayout.BeginHorizontal();
            if (GUILayout.Button("Try again", Styles.Button(FontSize)))
            {
                Load(false);
            }
            if (GUILayout.Button("Play on without", Styles.Button(FontSize)) || Pressed(KeyCode.Escape))
            {
                Close();
            }
            GUILayout.EndHorizontal();
        }

        private void DrawText()
        {
            GUILayout.Label(_text.Text("title"), Styles.Title(FontSize + 6));
            _scroll = GUILayout.BeginScrollView(_scroll);
            GUILayout.Label(_text.Text("body"), Styles.Body(FontSize));
            GUILayout.EndScrollView();
            Fields sentences = _text.Map("permissions");
            int row = 0;
            foreach (string permission in Asked)
            {
                DrawPermission(permission, sentences.Text(permission, permission), row++);
            }
            GUILayout.Label(_problem, Styles.Body(FontSize - 3));
            GUILayout.BeginHorizontal();
            bool anything = _ticked.Count > 0;
            if (GUILayout.Button(anything ? _text.Text("decline") : "Close", Styles.Button(FontSize)) || Pressed(KeyCode.Escape))
            {
                if (anything)
                {
                    Decline();
                }
                else
                {
                    Close();
                }
            }
            if (anything && (GUILayout.Button(_text.Text("agree"), Styles.Button(FontSize)) || Pressed(KeyCode.Return)))
            {
                Agree();
            }
            GUILayout.EndHorizontal();
            MoveFocus(row);
        }

        private void DrawPermission(string permission, string sentence, int row)
        {
            string mark = row == _focus ? "› " : "   ";
            GUILayout.BeginHorizontal();
            if (_ticked.TryGetValue(permission, out bool ticked))
            {
                bool now = GUILayout.Toggle(ticked, " " + mark + sentence, Styles.Toggle(FontSize));
                now ^= row == _focus && Pressed(KeyCode.Space);
                _ticked[permission] = now;
            }
            else
            {
                GUILayout.Label(mark + sentence, Styles.Body(FontSize));
                if (GUILayout.Button("Take back", Styles.Button(FontSize - 3)) || (row == _focus && Pressed(KeyCode.Space)))
                {
                    Revoke(permission);
                }
            }
            GUILayout.EndHorizontal();
        }

        private void MoveFocus(int rows)
        {
            if (rows > 0 && (Pressed(KeyCode.Tab) || Pressed(KeyCode.DownArrow)))
            {
                _focus = (_focus + 1) % rows;
            }
            if (rows > 0 && Pressed(KeyCode.UpArrow))
            {
                _focus = (_focus + rows - 1) % rows;
            }
        }

        private static bool Pressed(KeyCode key)
        {
            Event now = Event.current;
            if (now.type != EventType.KeyDown || now.keyCode != key)
            {
                return false;
            }
            now.Use();
            return true;
        }
    }
}
