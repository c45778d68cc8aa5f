using System;

namespace Rapport
{
    /// <summary>A connection cannot be made or kept; the codes are those of the sidecar's errors.</summary>
    internal sealed class LinkException : Exception
    {
        public LinkException(string code, string what) : base(what)
        {
            Code = code;
        }

        public string Code { get; }
    }

    /// <summary>Codes of what goes wrong on this side of the wire.</summary>
    public static class Codes
    {
        /// <summary>No sidecar runs, or none that lets this game ask.</summary>
        public const string SidecarNotFound = "sidecar_not_found";

        /// <summary>It sends no states, or did not answer in time.</summary>
        public const string SidecarSilent = "sidecar_silent";

        /// <summary>It does not know the token, or its CURVE keys are not understood here.</summary>
        public const string AccessDenied = "access_denied";

        /// <summary>The address is not on this machine.</summary>
        public const string AddressRefused = "address_refused";

        /// <summary>What came is not what the protocol says.</summary>
        public const string MessageInvalid = "message_invalid";

        /// <summary>The request cannot be written as a message.</summary>
        public const string RequestInvalid = "request_invalid";

        /// <summary>This sidecar takes no requests.</summary>
        public const string NotAvailable = "not_available";

        /// <summary>The connection was closed by the other end.</summary>
        public const string ConnectionLost = "connection_lost";

        /// <summary>The connection was stopped by the game.</summary>
        public const string Stopped = "stopped";
    }
}
