using System;
using System.Collections.Generic;
using System.Threading;

namespace Rapport
{
    /// <summary>A DEALER connection: requests out, replies in, in any order.</summary>
    internal sealed class ControlLink
    {
        /// <summary>A client waits 5 s for an answer.</summary>
        public const int AnswerMs = 5000;

        private readonly SidecarFile _sidecar;
        private readonly IDictionary<string, object> _hello;
        private readonly Words _words = new Words();
        private readonly EventDecoder _decoder = new EventDecoder();
        private readonly Dictionary<long, Request> _waiting = new Dictionary<long, Request>();
        private volatile ZmtpLink _link;
        private volatile Fields _welcome;
        private volatile Reply _refused;
        private long _number;
        private bool _isClosed;

        public ControlLink(SidecarFile sidecar, string app, string name)
        {
            _sidecar = sidecar;
            _hello = new Dictionary<string, object> { { "app", app }, { "name", name }, { "schema", SchemaVersion } };
        }

        /// <summary>Version of the wire's schema that this bridge speaks.</summary>
        public const int SchemaVersion = 4;

        /// <summary>The answer to hello; null: there is none yet.</summary>
        public Fields Welcome => _welcome;

        public bool IsUp => _welcome != null;

        /// <summary>Whether this sidecar takes requests at all.</summary>
        public bool IsOffered => _sidecar.Control.Length > 0;

        /// <summary>Connects, says hello, and reads replies until it is stopped or the connection ends.</summary>
        public void Run(Worker me)
        {
            using (ZmtpLink link = ZmtpLink.Open(_sidecar.Control, "DEALER", "control", _sidecar.ControlToken, me))
            {
                _link = link;
                SayHello(reply =>
                {
                    _welcome = reply.Ok ? reply.Fields : null;
                    _refused = reply.Ok ? null : reply;
                });
                while (!me.Stopping)
                {
                    while (link.TryTake(out byte[] buffer, out int start, out int length))
                    {
                        Receive(buffer, start, length);
                    }
                    Expire();
                    if (_refused != null)
                    {
                        throw new LinkException(_refused.Code, _refused.What);
                    }
                    if (!link.Fill(Stream.WaitMs) && Clock.NowMs - link.HeardMs > Stream.IdleMs)
                    {
                        throw new LinkException(Codes.SidecarSilent, "the sidecar sends no heartbeats");
                    }
                }
            }
        }

        /// <summary>Asks for something; from any thread.</summary>
        /// <param name="op">What is asked.</param>
        /// <param name="fields">The fields of the request, or null.</param>
        /// <param name="request">Gets the reply.</param>
        public void Ask(string op, IDictionary<string, object> fields, Request request)
        {
            request.Id = Interlocked.Increment(ref _number);
            request.DeadlineMs = Clock.NowMs + AnswerMs;
            try
            {
                request.Message = Request.Encode(op, fields, request.Id);
            }
            catch (Exception error) when (
                error is ArgumentException || error is OverflowException || error is FormatException || error is InvalidCastException)
            {
                request.Fail(Codes.RequestInvalid, error.Message);
                return;
            }
            if (TryAdd(request))
            {
                Send(request);
            }
            else
            {
                request.Fail(Codes.ConnectionLost, "the connection to the sidecar has ended");
            }
        }

        /// <summary>The events after a number, as many as fit into a message; null if they cannot be had.</summary>
        public List<RapportEvent> FetchEvents(long since, int timeoutMs)
        {
            if (!IsUp)
            {
                return null;
            }
            // No event object that must be disposed: the answer may come after the wait.
            var gate = new object();
            List<RapportEvent> page = null;
            bool done = false;
            var request = new Request
            {
                DonePage = events =>
                {
                    lock (gate)
                    {
                        page = events;
                        done = true;
                        Monitor.Pulse(gate);
                    }
                },
            };
            Ask("events.since", new Dictionary<string, object> { { "sequence", since } }, request);
            lock (gate)
            {
                for (long deadline = Clock.NowMs + timeoutMs; !done && Clock.NowMs < deadline;)
                {
                    Monitor.Wait(gate, (int)Math.Max(1, deadline - Clock.NowMs));
                }
                return page;
            }
        }

        /// <summary>Fails whatever still waits, and what is asked from now on: nobody will answer it.</summary>
        public void FailAll(string code, string what)
        {
            lock (_waiting)
            {
                _isClosed = true;
            }
            foreach (Request request in Remove(long.MaxValue))
            {
                request.Fail(code, what);
            }
        }

        private void Expire()
        {
            foreach (Request request in Remove(Clock.NowMs))
            {
                request.Fail(Codes.SidecarSilent, "the sidecar did not answer in time; it may have done what was asked");
            }
        }

        private List<Request> Remove(long untilMs)
        {
            var removed = new List<Request>();
            lock (_waiting)
            {
                foreach (Request request in _waiting.Values)
                {
                    if (request.DeadlineMs <= untilMs)
                    {
                        removed.Add(request);
                    }
                }
                foreach (Request request in removed)
                {
                    _waiting.Remove(request.Id);
                }
            }
            return removed;
        }

        private void SayHello(Action<Reply> done)
        {
            Ask("hello", _hello, new Request { Done = done });
        }

        private void Send(Request request)
        {
            try
            {
                _link.Send(request.Message);
            }
            catch (LinkException failure)
            {
                if (TryRemove(request.Id, out request))
                {
                    request.Fail(failure.Code, failure.Message);
                }
            }
        }

        private bool TryAdd(Request request)
        {
            lock (_waiting)
            {
                if (!_isClosed)
                {
                    _waiting[request.Id] = request;
                }
                return !_isClosed;
            }
        }

        private bool TryRemove(long id, out Request request)
        {
            lock (_waiting)
            {
                return _waiting.TryGetValue(id, out request) && _waiting.Remove(id);
            }
        }

        private void Receive(byte[] buffer, int start, int length)
        {
            if (!ReplyFrame.TryRead(buffer, start, length, _words, out ReplyFrame frame)
                || !TryRemove(frame.Id, out Request request))
            {
                return; // not for us, or too late
            }
            if (request.DonePage != null)
            {
                request.DonePage(frame.IsError ? null : _decoder.DecodePage(buffer, frame.Start, frame.Length));
                return;
            }
            var values = new MessagePackReader(buffer, frame.Start, frame.Length, _words);
            var map = values.ReadValue(Fields.DepthMax) as Dictionary<string, object>;
            if (!values.Ok || map == null)
            {
                request.Fail(Codes.MessageInvalid, "the answer is not what the protocol says");
            }
            else if (frame.IsError)
            {
                Refuse(request, Reply.Refused(new Fields(map)));
            }
            else
            {
                request.Done(Reply.Answered(map));
            }
        }

        private void Refuse(Request request, Reply refusal)
        {
            if (refusal.Code != "hello_first" || request.Retried)
            {
                request.Done(refusal);
                return;
            }
            // The sidecar has forgotten this client, and has done nothing. Requests of one client are
            // taken in order, so the same one may follow hello at once.
            request.Retried = true;
            SayHello(reply => { });
            if (TryAdd(request))
            {
                Send(request);
            }
            else
            {
                request.Done(refusal);
            }
        }
    }
}
