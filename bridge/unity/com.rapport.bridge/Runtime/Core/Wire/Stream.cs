using System.Threading;

namespace Rapport
{
    /// <summary>A SUB connection: what states and events have in common.</summary>
    internal abstract class Stream
    {
        /// <summary>The sidecar sends a heartbeat every 5 s; after three that did not come it is gone.</summary>
        internal const int IdleMs = 15000;

        /// <summary>How long one wait for bytes lasts, at most: how soon a stop is noticed.</summary>
        internal const int WaitMs = 100;

        private readonly string _address;
        private readonly string _token;
        private readonly byte[] _topic;
        private readonly INetworkListener _listener;
        private int _invalid;

        protected Stream(string address, string token, byte[] topic, INetworkListener listener)
        {
            _address = address;
            _token = token;
            _topic = topic;
            _listener = listener;
        }

        /// <summary>Messages that were refused because they are not what the protocol says.</summary>
        public int Invalid => Volatile.Read(ref _invalid);

        /// <summary>Connects and receives until it is stopped or the connection ends.</summary>
        public void Run(Worker me)
        {
            using (ZmtpLink link = ZmtpLink.Open(_address, "SUB", "read", _token, me))
            {
                link.Subscribe(_topic);
                OnSubscribed(me);
                while (!me.Stopping)
                {
                    OnBytes(link, me); // first of all what came together with the handshake
                    if (!link.Fill(WaitMs) && Clock.NowMs - link.HeardMs > IdleMs)
                    {
                        throw new LinkException(Codes.SidecarSilent, "the sidecar sends no heartbeats");
                    }
                }
            }
        }

        internal abstract void OnSubscribed(Worker me);

        internal abstract void OnBytes(ZmtpLink link, Worker me);

        protected void Refuse(MessageFault fault)
        {
            if (Interlocked.Increment(ref _invalid) == 1)
            {
                _listener.OnWarning(
                    Codes.MessageInvalid, "a message was dropped (" + fault + "), later ones are only counted");
            }
        }
    }
}
