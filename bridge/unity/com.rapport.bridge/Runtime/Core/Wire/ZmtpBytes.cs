using System;
using System.Text;

namespace Rapport
{
    /// <summary>The greeting and the commands of ZMTP 3.0, with the NULL and the PLAIN mechanism.</summary>
    internal static class ZmtpBytes
    {
        /// <summary>Where in a greeting the version stands, and the least that is understood.</summary>
        public const int VersionAt = 10, Version = 3;

        private const int GreetingLength = 64, MechanismAt = 12;

        // The name, and two bytes time to live before the context.
        private const int PingLength = 7, ContextMax = 16;

        public static byte[] Greeting(string mechanism)
        {
            var greeting = new byte[GreetingLength]; // the rest: not a server, and filler
            greeting[0] = 0xff;
            greeting[VersionAt - 1] = 0x7f;
            greeting[VersionAt] = Version;
            Encoding.ASCII.GetBytes(mechanism, 0, mechanism.Length, greeting, MechanismAt);
            return greeting;
        }

        public static byte[] Hello(string user, string token)
        {
            return Join(Short("HELLO"), Short(user), Short(token));
        }

        /// <summary>INITIATE or READY, with the type of the socket.</summary>
        public static byte[] Metadata(string command, string socketType)
        {
            return Join(Short(command), Short("Socket-Type"), new byte[] { 0, 0, 0 }, Short(socketType));
        }

        /// <summary>The answer to a PING, with its context; null if the command is none.</summary>
        public static byte[] Pong(byte[] data, int start, int length)
        {
            if (length < PingLength || !Begins(data, start, length, "PING"))
            {
                return null;
            }
            var context = new byte[Math.Min(length - PingLength, ContextMax)];
            Buffer.BlockCopy(data, start + PingLength, context, 0, context.Length);
            return Join(Short("PONG"), context);
        }

        /// <summary>Whether a command is ERROR; libzmq spells its name without its length.</summary>
        public static bool IsError(byte[] data, int start, int length)
        {
            return Begins(data, start, length, "ERROR") || (length > 0 && data[start] == 0x5e);
        }

        /// <summary>Whether a command has that name.</summary>
        public static bool Begins(byte[] data, int start, int length, string name)
        {
            if (length < 1 + name.Length || data[start] != name.Length)
            {
                return false;
            }
            for (int i = 0; i < name.Length; i++)
            {
                if (data[start + 1 + i] != name[i])
                {
                    return false;
                }
            }
            return true;
        }

        public static byte[] Join(params byte[][] parts)
        {
            int length = 0;
            foreach (byte[] part in parts)
            {
                length += part.Length;
            }
            var joined = new byte[length];
            length = 0;
            foreach (byte[] part in parts)
            {
                Buffer.BlockCopy(part, 0, joined, length, part.Length);
                length += part.Length;
            }
            return joined;
        }

        private static byte[] Short(string text)
        {
            return Join(new[] { (byte)text.Length }, Encoding.ASCII.GetBytes(text));
        }
    }
}
