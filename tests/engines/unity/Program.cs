using System;
using System.Collections.Generic;
using System.IO;

namespace Rapport.Tests
{
    /// <summary>What test_unity_core.py starts: `mono Rapport.Core.Tests.exe COMMAND …`.</summary>
    internal static class Program
    {
        private static int Main(string[] arguments)
        {
            switch (arguments[0])
            {
                case "unit":
                    return NUnit.Framework.Runner.Run(typeof(Program).Assembly);
                case "golden":
                    Golden.Say(arguments[1]);
                    return 0;
                case "judge":
                    Golden.Judge(arguments[1]);
                    return 0;
                case "signals":
                    Golden.SaySignals(arguments[1], arguments[2]);
                    return 0;
                case "game":
                    Game.Play(arguments[1], arguments[2]);
                    return 0;
                case "members":
                    return Members.Say(arguments[1]);
                default:
                    Console.Error.WriteLine("no such command");
                    return 2;
            }
        }
    }
}
