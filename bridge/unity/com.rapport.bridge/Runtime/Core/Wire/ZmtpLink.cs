using System;
using System.Net.Sockets;
using System.Threading;

namespace Rapport
{
    /// <summary>One ZMTP 3.0 connection, with its handshake done: frames in, frames out.</summary>
    /// <remarks>
    /// Read by one thread; sent to by any. The buffer is there from the start: nothing is allocated
    /// per frame, and a frame that is too long is refused by its size, before it is read.
    /// Specified in "ZMTP, as far as a client needs it" of bridge/protocol/SPEC.md.
    /// </remarks>
    internal sealed partial class ZmtpLink : IDisposable
    {
        public const int FrameBytesMax = 65536;

        private const int HeadBytesMax = 9;
        private const int More = 1, Long = 2, Command = 4;

        /// <summary>A send buffer that is full for so long belongs to somebody who does not read.</summary>
        private const int SendMs = 20;

        // Room for a whole frame behind the end of another, so that little is moved.
        private readonly byte[] _in = new byte[2 * (HeadBytesMax + FrameBytesMax)];
        private readonly byte[] _out = new byte[HeadBytesMax + FrameBytesMax];
        private readonly Socket _socket;
        private int _start;
        private int _end;
        private bool _skipping;
        private int _closed;

        private ZmtpLink(Socket socket)
        {
            _socket = socket;
        }

        /// <summary>When bytes came last, in ms on <see cref="Clock"/>.</summary>
        public long HeardMs { get; private set; } = Clock.NowMs;

        /// <summary>Whether still more bytes waited to be read when the last ones were.</summary>
        public bool HasMore { get; private set; }

        /// <summary>Subscribes to a topic; for SUB only.</summary>
        public void Subscribe(byte[] topic)
        {
            Send(ZmtpBytes.Join(new byte[] { 1 }, topic));
        }

        /// <summary>Sends a message. Never waits longer than some milliseconds.</summary>
        /// <exception cref="LinkException">The other end does not read, or is gone; the link is closed.</exception>
        public void Send(byte[] message)
        {
            Send(0, message, 0, message.Length);
        }

        /// <summary>Waits for bytes and reads what is there; returns whether anything came.</summary>
        /// <exception cref="LinkException">The connection has ended.</exception>
        public bool Fill(int waitMs)
        {
            if (_in.Length - _end < HeadBytesMax + FrameBytesMax)
            {
                Buffer.BlockCopy(_in, _start, _in, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }
            try
            {
                if (!_socket.Poll(waitMs * 1000, SelectMode.SelectRead))
                {
                    return false;
                }
                int count = _socket.Receive(_in, _end, _in.Length - _end, SocketFlags.None, out SocketError error);
                if (error == SocketError.WouldBlock)
                {
                    return false;
                }
                if (count == 0 || error != SocketError.Success)
                {
                    throw Lost();
                }
                _end += count;
                HasMore = _socket.Available > 0;
                HeardMs = Clock.NowMs;
                return true;
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
            {
                throw Lost();
            }
        }

        /// <summary>
        /// The next whole message that was read, as a part of <paramref name="buffer"/> that is good
        /// until the next <see cref="Fill"/>. Heartbeats before it are answered.
        /// </summary>
        public bool TryTake(out byte[] buffer, out int start, out int length)
        {
            buffer = _in;
            while (TryTakeFrame(out int flags, out start, out length))
            {
                if ((flags & Command) != 0)
                {
                    Obey(start, length);
                }
                else if ((flags & More) != 0)
                {
                    _skipping = true; // ours never have parts: the whole of it is passed over
                }
                else if (_skipping)
                {
                    _skipping = false;
                }
                else
                {
                    return true;
                }
            }
            return false;
        }

        /// <summary>Ends it, from any thread; who waits on it is woken. Idempotent.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) != 0)
            {
                return;
            }
            try
            {
                _socket.Shutdown(SocketShutdown.Both); // wakes a thread that waits; closing alone does not everywhere
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
            {
                // It was never connected, or the other end was quicker.
            }
            _socket.Close();
        }

        private static LinkException Lost()
        {
            return new LinkException(Codes.ConnectionLost, "the connection to the sidecar was lost");
        }

        private bool TryTakeFrame(out int flags, out int start, out int length)
        {
            flags = start = length = 0;
            int there = _end - _start;
            if (there < 2)
            {
                return false;
            }
            flags = _in[_start];
            bool isLong = (flags & Long) != 0;
            int head = isLong ? HeadBytesMax : 2;
            if (there < head)
            {
                return false;
            }
            ulong size = 0;
            for (int i = 1; i < head; i++)
            {
                size = (size << 8) | _in[_start + i];
            }
            if (size > FrameBytesMax)
            {
                throw new LinkException(Codes.MessageInvalid, "a frame is longer than 65,536 bytes");
            }
            if (there < head + (int)size)
            {
                return false;
            }
            start = _start + head;
            length = (int)size;
            _start = start + length;
            return true;
        }

        // Answers a heartbeat; other commands are ignored.
        private void Obey(int start, int length)
        {
            byte[] pong = ZmtpBytes.Pong(_in, start, length);
            if (pong != null)
            {
                SendCommand(pong);
            }
        }

        private void SendCommand(byte[] body)
        {
            Send(Command, body, 0, body.Length);
        }

        private void Send(int flags, byte[] body, int start, int length)
        {
            lock (_out)
            {
                bool isLong = length > 0xff;
                int head = isLong ? HeadBytesMax : 2;
                _out[0] = (byte)(flags | (isLong ? Long : 0));
                for (int i = 1; i < head; i++)
                {
                    _out[i] = unchecked((byte)((long)length >> (8 * (head - 1 - i))));
                }
                Buffer.BlockCopy(body, start, _out, head, length);
                SendAll(_out, head + length);
            }
        }

        private void SendAll(byte[] bytes, int count)
        {
            try
            {
                for (int sent = 0; sent < count;)
                {
                    if (!_socket.Poll(SendMs * 1000, SelectMode.SelectWrite))
                    {
                        throw new LinkException(Codes.SidecarSilent, "the sidecar does not read");
                    }
                    sent += _socket.Send(bytes, sent, count - sent, SocketFlags.None, out SocketError error);
                    if (error != SocketError.Success && error != SocketError.WouldBlock)
                    {
                        throw Lost();
                    }
                }
            }
            catch (Exception error)
            {
                Dispose(); // half a frame may be on its way
                if (error is LinkException)
                {
                    throw;
                }
                throw Lost();
            }
        }
    }
}
