using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Rapport.Core.Tests")]
