// Stand-ins for the parts of Unity that the bridge uses, so that its Unity layer can be compiled and driven
// without an editor. Written for these tests; what they do beyond compiling is said at each.
using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    public class Object
    {
        public string name = "";
        internal bool Destroyed;

        public static implicit operator bool(Object one) => one != null;

        // Unity's own: what was destroyed equals null.
        public static bool operator ==(Object one, Object other) => Same(one, other);
        public static bool operator !=(Object one, Object other) => !Same(one, other);
        public override bool Equals(object other) => ReferenceEquals(this, other);
        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public static void Destroy(Object gone)
        {
            if (gone is GameObject game)
            {
                game.Kill();
            }
        }

        public static void DontDestroyOnLoad(Object kept) { }
        public static T FindObjectOfType<T>() where T : Object => World.Find<T>().Count > 0 ? World.Find<T>()[0] : null;
        public static T[] FindObjectsOfType<T>() where T : Object => World.Find<T>().ToArray();

        private static bool Same(Object one, Object other)
        {
            bool oneGone = ReferenceEquals(one, null) || one.Destroyed;
            bool otherGone = ReferenceEquals(other, null) || other.Destroyed;
            return oneGone || otherGone ? oneGone == otherGone : ReferenceEquals(one, other);
        }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;
        public T GetComponent<T>() where T : Component => gameObject.GetComponent<T>();
    }

    public sealed class Transform : Component
    {
        public Transform parent { get; private set; }
        public Vector3 localPosition, localScale = new Vector3(1, 1, 1);
        public Quaternion localRotation;
        public Vector3 position => parent == null ? localPosition : parent.position + localPosition;
        public void SetParent(Transform to, bool stays) => parent = to;
    }

    public class Behaviour : Component
    {
        public bool enabled = true;
        public bool isActiveAndEnabled => enabled && !Destroyed;
    }

    public class MonoBehaviour : Behaviour { }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject, new() => new T();
    }

    public sealed class GameObject : Object
    {
        private readonly List<Component> _components = new List<Component>();

        public GameObject(string called)
        {
            name = called;
            transform = new Transform { gameObject = this };
        }

        public static GameObject CreatePrimitive(PrimitiveType kind)
        {
            var made = new GameObject(kind.ToString());
            made._components.Add(new Renderer { gameObject = made });
            return made;
        }

        public T GetComponent<T>() where T : Component
        {
            foreach (Component component in _components)
            {
                if (component is T match)
                {
                    return match;
                }
            }
            return null;
        }

        public Transform transform { get; }

        // As Unity does: the component is enabled as soon as it is added.
        public T AddComponent<T>() where T : Component, new() => AddComponent<T>(null);

        public T AddComponent<T>(Action<T> before) where T : Component, new()
        {
            var made = new T { gameObject = this, name = name };
            before?.Invoke(made);
            _components.Add(made);
            World.Add(made);
            World.Call(made, "Awake");
            World.Call(made, "OnEnable");
            return made;
        }

        internal void Kill()
        {
            foreach (Component component in _components)
            {
                World.Call(component, "OnDisable");
                World.Remove(component);
                component.Destroyed = true;
            }
            Destroyed = true;
        }
    }

    // Plays the part of Unity's loop: the test calls Frame.
    public static class World
    {
        private static readonly List<Component> All = new List<Component>();

        public static void Add(Component one) => All.Add(one);
        public static void Remove(Component one) => All.Remove(one);

        public static List<T> Find<T>() where T : Object
        {
            var found = new List<T>();
            foreach (Component one in All)
            {
                if (one is T match)
                {
                    found.Add(match);
                }
            }
            return found;
        }

        public static void Frame(float delta)
        {
            Time.deltaTime = Time.unscaledDeltaTime = delta;
            Time.realtimeSinceStartup += delta;
            foreach (Component one in All.ToArray())
            {
                Call(one, "Update");
            }
        }

        public static void Draw()
        {
            foreach (Component one in All.ToArray())
            {
                Call(one, "OnGUI");
            }
        }

        public static void Call(object one, string method)
        {
            MethodInfo found = one.GetType().GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
            if (found != null)
            {
                try
                {
                    found.Invoke(one, null);
                }
                catch (TargetInvocationException error)
                {
                    throw new InvalidOperationException(one.GetType().Name + "." + method + ": " + error.InnerException, error.InnerException);
                }
            }
        }

        public static void Set(object one, string field, object value)
        {
            FieldInfo found = one.GetType().GetField(field, BindingFlags.Instance | BindingFlags.NonPublic);
            if (found == null)
            {
                throw new ArgumentException("no field " + field);
            }
            found.SetValue(one, value);
        }
    }

    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeFieldAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeReferenceAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class TextAreaAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class MinAttribute : Attribute { public MinAttribute(float least) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class RangeAttribute : Attribute { public RangeAttribute(float low, float high) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class HeaderAttribute : Attribute { public HeaderAttribute(string text) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class AddComponentMenuAttribute : Attribute { public AddComponentMenuAttribute(string path) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class DefaultExecutionOrderAttribute : Attribute { public DefaultExecutionOrderAttribute(int order) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class DisallowMultipleComponentAttribute : Attribute { }
    [AttributeUsage(AttributeTargets.Class)] public sealed class CreateAssetMenuAttribute : Attribute { public string menuName; public string fileName; }
    [AttributeUsage(AttributeTargets.Method)] public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute { public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType when) { } }

    public enum RuntimeInitializeLoadType { SubsystemRegistration, BeforeSceneLoad, AfterSceneLoad }

    [AttributeUsage(AttributeTargets.Class)] public sealed class RequireComponentAttribute : Attribute { public RequireComponentAttribute(Type type) { } }

    public static class Time
    {
        public static float deltaTime, unscaledDeltaTime, realtimeSinceStartup;
        public static float time => realtimeSinceStartup;
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube }
    public sealed class Collider : Component { }
    public sealed class Material : Object { public Color color; }
    public class Renderer : Component { public Material material = new Material(); }
    public enum LightType { Point }
    public sealed class Light : Behaviour { public LightType type; public Color color; public float range, intensity; }
    public enum CameraClearFlags { SolidColor }
    public sealed class Camera : Behaviour { public float fieldOfView; public Color backgroundColor; public CameraClearFlags clearFlags; }
    public sealed class AudioListener : Behaviour { }
    public sealed class AudioSource : Behaviour { }
    public static class AudioSettings { public static int outputSampleRate = 48000; }
    public enum TextAnchor { LowerCenter }
    public enum TextAlignment { Center }

    public sealed class TextMesh : Component
    {
        public string text = "";
        public TextAnchor anchor;
        public TextAlignment alignment;
        public float characterSize;
        public int fontSize;
        public Color color;
    }

    public struct Quaternion { public static Quaternion Euler(float x, float y, float z) => default(Quaternion); }
    public static class Random { public static float Range(float low, float high) => low; }
    public sealed class TextAsset : Object { public string text; }

    // Reads the project's own resources from the folder that a test names.
    public static class Resources
    {
        public static string Folder = "";

        public static T Load<T>(string path) where T : Object
        {
            string text = System.IO.File.ReadAllText(System.IO.Path.Combine(Folder, path + ".json"));
            return (T)(Object)new TextAsset { text = text };
        }
    }

    public static class Application
    {
        public static string identifier = "org.example.unity";
        public static string productName = "A Unity game";
        public static string dataPath = "";
        public static SystemLanguage systemLanguage = SystemLanguage.English;
    }

    public enum SystemLanguage { English, German, French, Spanish, Japanese, Chinese, ChineseSimplified, ChineseTraditional }

    public static class Debug
    {
        public static readonly List<string> Said = new List<string>();
        public static bool isDebugBuild = true;

        public static void Log(object what) => Said.Add("log: " + what);
        public static void LogWarning(object what, Object where = null) => Said.Add("warning: " + what);
        public static void LogException(Exception error) => Said.Add("exception: " + error);
    }

    public static class PlayerPrefs
    {
        private static readonly Dictionary<string, string> Kept = new Dictionary<string, string>();

        public static void SetString(string key, string value) => Kept[key] = value;
        public static string GetString(string key, string otherwise) => Kept.TryGetValue(key, out string value) ? value : otherwise;
        public static void DeleteKey(string key) => Kept.Remove(key);
    }

    public struct Vector2 { public float x, y; public static Vector2 zero => default(Vector2); public Vector2(float x, float y) { this.x = x; this.y = y; } }
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero => default(Vector3);
        public static Vector3 one => new Vector3(1, 1, 1);
        public static Vector3 operator +(Vector3 a, Vector3 b) => new Vector3(a.x + b.x, a.y + b.y, a.z + b.z);
        public static Vector3 operator *(Vector3 a, float by) => new Vector3(a.x * by, a.y * by, a.z * by);

        public static float Distance(Vector3 a, Vector3 b)
        {
            return (float)Math.Sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z));
        }
    }

    public struct Matrix4x4 { public static Matrix4x4 Scale(Vector3 by) => default(Matrix4x4); }

    public struct Color
    {
        public float r, g, b, a;
        public Color(float r, float g, float b, float a = 1) { this.r = r; this.g = g; this.b = b; this.a = a; }
    }

    public struct Rect
    {
        public float x, y, width, height;
        public Rect(float x, float y, float width, float height) { this.x = x; this.y = y; this.width = width; this.height = height; }
        public Vector2 center => new Vector2(x + width / 2, y + height / 2);
    }

    public static class Mathf
    {
        public static float Clamp01(float value) => Clamp(value, 0, 1);
        public static float Clamp(float value, float low, float high) => Math.Max(low, Math.Min(high, value));
        public static float Lerp(float from, float to, float share) => from + (to - from) * Clamp01(share);
        public static float Abs(float value) => Math.Abs(value);
        public static float Exp(float value) => (float)Math.Exp(value);
        public static float Max(float one, float other) => Math.Max(one, other);
        public static float Sin(float value) => (float)Math.Sin(value);
        public static float PerlinNoise(float x, float y) => 0.5f + 0.5f * Sin(x);
    }

    // Straight lines between its keys; Unity bends them.
    [Serializable]
    public sealed class AnimationCurve
    {
        private readonly SortedList<float, float> _keys = new SortedList<float, float>();

        public int length => _keys.Count;
        public void AddKey(float time, float value) => _keys[time] = value;

        public float Evaluate(float time)
        {
            for (int i = 0; i < _keys.Count; i++)
            {
                if (time <= _keys.Keys[i])
                {
                    if (i == 0)
                    {
                        return _keys.Values[0];
                    }
                    float share = (time - _keys.Keys[i - 1]) / (_keys.Keys[i] - _keys.Keys[i - 1]);
                    return Mathf.Lerp(_keys.Values[i - 1], _keys.Values[i], share);
                }
            }
            return _keys.Values[_keys.Count - 1];
        }
    }

    public class Animator : Behaviour
    {
        public readonly Dictionary<string, float> Floats = new Dictionary<string, float>();
        public void SetFloat(string parameter, float value) => Floats[parameter] = value;
    }

    public sealed class Mesh : Object { public int GetBlendShapeIndex(string shape) => shape == "Smile" ? 0 : -1; }

    public class SkinnedMeshRenderer : Component
    {
        public Mesh sharedMesh = new Mesh();
        public float Weight;
        public void SetBlendShapeWeight(int index, float weight) => Weight = weight;
    }

    public abstract class CustomYieldInstruction { public abstract bool keepWaiting { get; } }

    public enum KeyCode { None, Tab, Return, Escape, Space, UpArrow, DownArrow, Alpha0 = 48, Alpha1, E = 101, F3 = 284 }

    public static class Input
    {
        public static KeyCode Down;
        public static Vector2 Axis;
        public static bool GetKeyDown(KeyCode key) => Down == key;
        public static float GetAxisRaw(string axis) => axis == "Horizontal" ? Axis.x : Axis.y;
    }
    public enum EventType { Layout, Repaint, KeyDown, Used }

    public sealed class Event
    {
        public static Event current = new Event();
        public EventType type = EventType.Repaint;
        public KeyCode keyCode;
        public void Use() => type = EventType.Used;
    }

    public static class Screen { public static int width = 1280, height = 720; }
    public sealed class Texture2D : Object { public static Texture2D whiteTexture = new Texture2D(); }
    public enum FontStyle { Normal, Bold }
    public sealed class GUIContent { public GUIContent(string text) { } }

    public sealed class GUIStyle
    {
        public int fontSize;
        public bool wordWrap;
        public FontStyle fontStyle;
        public GUIStyle() { }
        public GUIStyle(GUIStyle other) { }
        public Vector2 CalcSize(GUIContent content) => new Vector2(80, 20);
    }

    public sealed class GUISkin { public GUIStyle label = new GUIStyle(), button = new GUIStyle(), toggle = new GUIStyle(); }

    // Remembers what is drawn; Click is a label of a button that is pressed at the next drawing.
    public static class GUI
    {
        public static int depth;
        public static Matrix4x4 matrix;
        public static Color color;
        public static readonly GUISkin skin = new GUISkin();
        public static readonly List<string> Drawn = new List<string>();
        public static string Click = "";

        public static void Box(Rect place, string text) { }
        public static void DrawTexture(Rect place, Texture2D texture) { }
        public static bool Button(Rect place, string text, GUIStyle style) => Pressed(text);

        internal static bool Pressed(string text)
        {
            Drawn.Add(text);
            bool pressed = Click.Length > 0 && text.Contains(Click);
            Click = pressed ? "" : Click;
            return pressed;
        }
    }

    public sealed class GUILayoutOption { }

    public static class GUILayout
    {
        public static void BeginArea(Rect place) { }
        public static void EndArea() { }
        public static void BeginHorizontal() { }
        public static void EndHorizontal() { }
        public static void FlexibleSpace() { }
        public static void Space(float pixels) { }
        public static GUILayoutOption Width(float width) => null;
        public static void Label(string text, params GUILayoutOption[] options) => GUI.Drawn.Add(text);
        public static void Label(string text, GUIStyle style, params GUILayoutOption[] options) => GUI.Drawn.Add(text);
        public static bool Button(string text, params GUILayoutOption[] options) => GUI.Pressed(text);
        public static bool Button(string text, GUIStyle style, params GUILayoutOption[] options) => GUI.Pressed(text);
        public static bool Toggle(bool value, string text, GUIStyle style, params GUILayoutOption[] options) => value ^ GUI.Pressed(text);
        public static Vector2 BeginScrollView(Vector2 at, params GUILayoutOption[] options) => at;
        public static void EndScrollView() { }
    }

    public static class GUILayoutUtility { public static Rect GetRect(float width, float height) => new Rect(0, 0, width, height); }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction<T>(T value);
    public delegate void UnityAction<T, U>(T one, U other);

    [Serializable]
    public class UnityEvent<T>
    {
        private event UnityAction<T> Called;
        public void AddListener(UnityAction<T> call) => Called += call;
        public void Invoke(T value) => Called?.Invoke(value);
    }

    [Serializable]
    public class UnityEvent<T, U>
    {
        private event UnityAction<T, U> Called;
        public void AddListener(UnityAction<T, U> call) => Called += call;
        public void Invoke(T one, U other) => Called?.Invoke(one, other);
    }
}
