using System;
using System.Globalization;
using System.Net;

namespace Rapport
{
    /// <summary>Addresses like `tcp://127.0.0.1:40123`.</summary>
    internal static class Endpoint
    {
        private const string Scheme = "tcp://";

        /// <summary>The address, if it is on this machine: a state is personal, and goes in the clear.</summary>
        /// <exception cref="LinkException">`address_refused`: it is not of that form, or not loopback.</exception>
        public static IPEndPoint Parse(string address)
        {
            int colon = address.LastIndexOf(':');
            if (address.StartsWith(Scheme, StringComparison.Ordinal) && colon >= Scheme.Length)
            {
                string host = address.Substring(Scheme.Length, colon - Scheme.Length);
                string numeric = host == "localhost" ? "127.0.0.1" : host.Trim('[', ']');
                string digits = address.Substring(colon + 1);
                if (ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
                    && port > 0 && IPAddress.TryParse(numeric, out IPAddress ip) && IPAddress.IsLoopback(ip))
                {
                    return new IPEndPoint(ip, port);
                }
            }
            throw new LinkException(Codes.AddressRefused, "an address is not of the form tcp://127.0.0.1:port");
        }
    }
}
