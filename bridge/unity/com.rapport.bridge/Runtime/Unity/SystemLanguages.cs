using UnityEngine;

namespace Rapport.Unity
{
    /// <summary>Unity's languages as the codes that the sidecar knows.</summary>
    internal static class SystemLanguages
    {
        /// <summary>The code of a language; where there is no text in it, the sidecar answers with an error, so English then.</summary>
        public static string Code(SystemLanguage language)
        {
            switch (language)
            {
                case SystemLanguage.German: return "de";
                case SystemLanguage.French: return "fr";
                case SystemLanguage.Spanish: return "es";
                case SystemLanguage.Japanese: return "ja";
                case SystemLanguage.Chinese:
                case SystemLanguage.ChineseSimplified:
                case SystemLanguage.ChineseTraditional: return "zh";
            }
            return "en";
        }
    }
}
