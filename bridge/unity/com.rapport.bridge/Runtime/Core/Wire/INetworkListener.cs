namespace Rapport
{
    /// <summary>Hears from the network's threads; must return at once.</summary>
    internal interface INetworkListener
    {
        /// <summary>How many events wait to be delivered: the network reads no more while there are many.</summary>
        int EventsWaiting { get; }

        /// <summary>States, events and requests go through.</summary>
        /// <param name="welcome">The answer to hello; empty if this sidecar takes no requests.</param>
        /// <param name="anew">Another connection than before; false: the same one was silent for a while.</param>
        void OnConnected(Fields welcome, bool anew);

        /// <summary>They do not, or not any more; said again only when the code changes.</summary>
        void OnDisconnected(string code, string what);

        void OnEvent(RapportEvent happened);

        /// <summary>Something that a developer wants to know; nothing personal.</summary>
        void OnWarning(string code, string what);
    }
}
