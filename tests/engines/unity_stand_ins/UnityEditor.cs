// Stand-ins for the parts of Unity's editor that the bridge uses; see UnityEngine.cs.
using System;
using UnityEngine;

namespace UnityEditor
{
    public class EditorWindow : ScriptableObject
    {
        public Rect position;
        public static T GetWindow<T>(string title) where T : EditorWindow, new() => new T();
        public void Repaint() { }
    }

    public class Editor : ScriptableObject
    {
        public UnityEngine.Object target;
        public virtual void OnInspectorGUI() { }
        public void DrawDefaultInspector() { }
    }

    [AttributeUsage(AttributeTargets.Method)] public sealed class MenuItemAttribute : Attribute { public MenuItemAttribute(string path) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class CustomEditorAttribute : Attribute { public CustomEditorAttribute(Type type) { } }

    public enum MessageType { None, Info, Warning, Error }

    public static class EditorApplication { public static bool isPlaying = true; }
    public static class Undo { public static void RecordObject(UnityEngine.Object one, string what) { } }

    public static class EditorUtility
    {
        public static void SetDirty(UnityEngine.Object one) { }
        public static bool DisplayDialog(string title, string text, string ok) => true;
        public static string OpenFilePanel(string title, string folder, string ending) => "";
        public static string SaveFilePanel(string title, string folder, string name, string ending) => "";
    }

    public static class EditorGUILayout
    {
        public static void HelpBox(string text, MessageType type) => GUI.Drawn.Add(text);
        public static void LabelField(string name, string value) => GUI.Drawn.Add(name + ": " + value);
        public static void BeginHorizontal() { }
        public static void EndHorizontal() { }
        public static void Space() { }
        public static Vector2 BeginScrollView(Vector2 at) => at;
        public static void EndScrollView() { }
        public static UnityEngine.Object ObjectField(string name, UnityEngine.Object value, Type type, bool scene) => value;
    }
}
