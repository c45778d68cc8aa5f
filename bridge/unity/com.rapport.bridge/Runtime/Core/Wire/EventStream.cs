using System.Collections.Generic;
using System.Threading;

namespace Rapport
{
    /// <summary>The number of the last event; it outlives a connection.</summary>
    internal sealed class History
    {
        private int _missed;
        private SidecarFile _sidecar;

        /// <summary>-1: no event has come yet, so none is missing.</summary>
        public long Last { get; set; } = -1;

        /// <summary>Events that could not be had any more.</summary>
        public int Missed => Volatile.Read(ref _missed);

        public void Miss(long count)
        {
            Interlocked.Add(ref _missed, (int)count);
        }

        /// <summary>From now on the events are this sidecar's; another one than before counts from one.</summary>
        public void Follow(SidecarFile sidecar)
        {
            if (Last >= 0 && !sidecar.IsSame(_sidecar))
            {
                Last = 0;
            }
            _sidecar = sidecar;
        }
    }

    /// <summary>Receives events in order and without gaps: what was lost on the way is fetched.</summary>
    internal sealed class EventStream : Stream
    {
        /// <summary>
        /// While so many events wait for the game, no more are read: the sidecar keeps a thousand, so
        /// they come later instead of growing a queue without end.
        /// </summary>
        private const int WaitingMax = 10000;

        /// <summary>A request takes some milliseconds; the next event is another chance.</summary>
        private const int FetchMs = 500;

        private const int PauseMs = 10;

        private readonly SidecarFile _sidecar;
        private readonly ControlLink _control;
        private readonly History _history;
        private readonly INetworkListener _listener;
        private readonly EventDecoder _decoder = new EventDecoder();
        private volatile bool _isUp;
        private long _fetchedTo;

        public EventStream(SidecarFile sidecar, ControlLink control, History history, INetworkListener listener)
            : base(sidecar.Events, sidecar.ReadToken, EventDecoder.Topic, listener)
        {
            _sidecar = sidecar;
            _control = control;
            _history = history;
            _listener = listener;
        }

        /// <summary>Whether events arrive.</summary>
        public bool IsUp => _isUp;

        internal override void OnSubscribed(Worker me)
        {
            _history.Follow(_sidecar);
            if (_history.Last >= 0)
            {
                // What happened while there was no connection comes at once, not with the next event.
                for (long deadline = Clock.NowMs + FetchMs; !me.Stopping && !_control.IsUp && Clock.NowMs < deadline;)
                {
                    me.Sleep(PauseMs);
                }
                Fetch(long.MaxValue, me);
                _fetchedTo = _history.Last;
            }
            _isUp = true;
        }

        internal override void OnBytes(ZmtpLink link, Worker me)
        {
            while (link.TryTake(out byte[] buffer, out int start, out int length))
            {
                MessageFault fault = _decoder.Decode(buffer, start, length, out RapportEvent happened);
                if (fault == MessageFault.None)
                {
                    Receive(happened, me);
                }
                else
                {
                    Refuse(fault);
                }
            }
        }

        private void Receive(RapportEvent happened, Worker me)
        {
            long number = happened.Sequence;
            if (number <= _history.Last && number <= _fetchedTo && number > 0)
            {
                return; // it was fetched already, and came on the usual way too
            }
            _fetchedTo = 0;
            if (_history.Last >= 0 && number <= _history.Last)
            {
                _history.Last = 0; // from a sidecar started anew, counting from one
            }
            if (_history.Last >= 0 && number > _history.Last + 1)
            {
                Fetch(number, me);
                _history.Miss(number - 1 - _history.Last);
            }
            Deliver(happened, me);
        }

        // Delivers the events between the last one and a number, as far as the sidecar still has them.
        private void Fetch(long before, Worker me)
        {
            for (bool more = true; more && !me.Stopping && _history.Last + 1 < before;)
            {
                more = false;
                List<RapportEvent> page = _control.FetchEvents(_history.Last, FetchMs);
                for (int i = 0; page != null && i < page.Count; i++)
                {
                    if (page[i].Sequence > _history.Last && page[i].Sequence < before)
                    {
                        if (page[i].Sequence > _history.Last + 1)
                        {
                            _history.Miss(page[i].Sequence - 1 - _history.Last);
                        }
                        Deliver(page[i], me);
                        more = true;
                    }
                }
            }
        }

        private void Deliver(RapportEvent happened, Worker me)
        {
            while (_listener.EventsWaiting >= WaitingMax && !me.Stopping)
            {
                me.Sleep(PauseMs);
            }
            _history.Last = happened.Sequence;
            _listener.OnEvent(happened);
        }
    }
}
