using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Rapport.Core.Tests")]
[assembly: InternalsVisibleTo("Rapport.Unity")]
