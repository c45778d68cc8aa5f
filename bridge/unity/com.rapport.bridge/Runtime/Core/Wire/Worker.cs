using System;
using System.Threading;

namespace Rapport
{
    /// <summary>A background thread that can be stopped and waited for.</summary>
    internal sealed class Worker
    {
        /// <summary>A thread notices within 100 ms; one that does not is hung in the system and dies with the program.</summary>
        private const int JoinMs = 2000;

        private readonly ManualResetEvent _stop = new ManualResetEvent(false);
        private readonly Thread _thread;
        private readonly Action<Worker> _body;
        private volatile bool _stopping;
        private volatile bool _ended;
        private ZmtpLink _link;

        public Worker(string name, Action<Worker> body)
        {
            _body = body;
            _thread = new Thread(Run) { Name = name, IsBackground = true };
            _thread.Start();
        }

        public bool Stopping => _stopping;

        public bool Ended => _ended;

        /// <summary>Why it ended by itself; null: it did not.</summary>
        public LinkException Failure { get; private set; }

        /// <summary>Waits, unless it is stopped before.</summary>
        public void Sleep(int ms)
        {
            _stop.WaitOne(ms);
        }

        /// <summary>The link that is closed when this is stopped, so that a wait on it ends.</summary>
        public void Own(ZmtpLink link)
        {
            Volatile.Write(ref _link, link);
            if (_stopping)
            {
                link.Dispose();
            }
        }

        /// <summary>Asks it to stop; <see cref="Stop"/> waits too.</summary>
        public void Cancel()
        {
            if (!_stopping)
            {
                _stopping = true;
                _stop.Set();
            }
            Volatile.Read(ref _link)?.Dispose();
        }

        /// <summary>Stops it and waits for its end. Never to be called on itself. Idempotent.</summary>
        public void Stop()
        {
            Cancel();
            if (_thread.Join(JoinMs))
            {
                _stop.Dispose();
            }
        }

        private void Run()
        {
            try
            {
                _body(this);
            }
            catch (LinkException failure)
            {
                Failure = failure;
            }
            catch (Exception error) // a mistake here must end a connection, never the game
            {
                Failure = new LinkException("internal_error", error.GetType().Name + ": " + error.Message);
            }
            finally
            {
                Volatile.Read(ref _link)?.Dispose();
                _ended = true;
            }
        }
    }
}
