using System.Threading;

namespace Rapport
{
    /// <summary>Receives states, and keeps the newest.</summary>
    internal sealed class StateStream : Stream
    {
        /// <summary>While more and more comes, a state is handed on this often all the same.</summary>
        private const int FloodMs = 20;

        /// <summary>A state that is older than this must not be taken for the present.</summary>
        internal const long FreshNs = 1000000000;

        private readonly NewestState _newest;
        private readonly StateDecoder _decoder = new StateDecoder();
        private long _heardMs;
        private long _publishedMs;
        private long _leastDelayNs = long.MaxValue;

        public StateStream(SidecarFile sidecar, NewestState newest, INetworkListener listener)
            : base(sidecar.State, sidecar.ReadToken, StateDecoder.Topic, listener)
        {
            _newest = newest;
        }

        /// <summary>When a valid state came last, in ms on <see cref="Clock"/>; 0: none has.</summary>
        public long HeardMs => Interlocked.Read(ref _heardMs);

        internal override void OnSubscribed(Worker me)
        {
        }

        internal override void OnBytes(ZmtpLink link, Worker me)
        {
            bool found = false;
            int start = 0, length = 0;
            byte[] buffer;
            while (link.TryTake(out buffer, out int nextStart, out int nextLength))
            {
                found = true;
                start = nextStart;
                length = nextLength;
            }
            // After a stall the system holds seconds of old states: only the last of them is news.
            if (!found || (link.HasMore && Clock.NowMs - _publishedMs < FloodMs))
            {
                return;
            }
            EmotionState state = _newest.Writing;
            MessageFault fault = _decoder.Decode(buffer, start, length, state);
            if (fault != MessageFault.None)
            {
                Refuse(fault);
                return;
            }
            state.ReceivedNs = Clock.NowNs;
            if (IsNews(state))
            {
                _publishedMs = state.ReceivedNs / 1000000;
                _newest.Publish();
                Interlocked.Exchange(ref _heardMs, _publishedMs);
            }
        }

        // Whatever the two clocks say, their difference stays: a state that took a second longer than
        // the quickest one has waited somewhere.
        private bool IsNews(EmotionState state)
        {
            long delayNs = state.ReceivedNs - state.PublishedNs;
            _leastDelayNs = System.Math.Min(_leastDelayNs, delayNs);
            return state.PublishedNs == 0 || delayNs - _leastDelayNs < FreshNs;
        }
    }
}
