using System;
using System.Collections.Concurrent;
using System.Threading;

namespace Rapport
{
    /// <summary>What the network has to say to the game, until the game looks; of one start.</summary>
    internal sealed class Inbox : INetworkListener
    {
        private readonly ConcurrentQueue<Action> _waiting = new ConcurrentQueue<Action>();
        private readonly RapportConnection _owner;
        private volatile bool _isClosed;
        private int _eventsWaiting;

        public Inbox(RapportConnection owner)
        {
            _owner = owner;
        }

        public int EventsWaiting => Volatile.Read(ref _eventsWaiting);

        /// <summary>From any thread: this is done at the game's next look.</summary>
        public void Put(Action deliver)
        {
            if (!_isClosed)
            {
                _waiting.Enqueue(deliver);
            }
        }

        /// <summary>On the game's thread: does all that has waited.</summary>
        public void Deliver()
        {
            // What handlers cause comes with the next look, so that none can keep this one busy.
            for (int left = _waiting.Count; left > 0 && !_isClosed && _waiting.TryDequeue(out Action deliver); left--)
            {
                deliver();
            }
        }

        /// <summary>Nothing is taken or delivered any more.</summary>
        public void Close()
        {
            _isClosed = true;
        }

        public void OnConnected(Fields welcome, bool anew)
        {
            Put(() => _owner.Connect(welcome, anew));
        }

        public void OnDisconnected(string code, string what)
        {
            Put(() => _owner.Disconnect(code));
            OnWarning(code, what);
        }

        public void OnEvent(RapportEvent happened)
        {
            Interlocked.Increment(ref _eventsWaiting);
            Put(() =>
            {
                Interlocked.Decrement(ref _eventsWaiting);
                _owner.FeedEvent(happened);
            });
        }

        public void OnWarning(string code, string what)
        {
            Put(() => _owner.Warn(code, what));
        }
    }
}
