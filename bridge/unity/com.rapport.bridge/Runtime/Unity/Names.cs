using System.Text;

namespace Rapport.Unity
{
    /// <summary>Titles as ids.</summary>
    internal static class Names
    {
        private const int LengthMax = 48;

        /// <summary>A title as an id of the protocol: letters, digits, dashes; never empty.</summary>
        public static string AsId(string title)
        {
            var id = new StringBuilder();
            foreach (char character in title)
            {
                bool plain = character < 128 && char.IsLetterOrDigit(character);
                id.Append(plain ? char.ToLowerInvariant(character) : '-');
            }
            string trimmed = id.ToString().Trim('-');
            if (trimmed.Length > LengthMax)
            {
                trimmed = trimmed.Substring(0, LengthMax).Trim('-');
            }
            return trimmed.Length > 0 ? trimmed : "untitled";
        }
    }
}
