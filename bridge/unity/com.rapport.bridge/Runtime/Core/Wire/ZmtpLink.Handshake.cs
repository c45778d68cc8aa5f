using System;
using System.Net;
using System.Net.Sockets;

namespace Rapport
{
    /// <content>How a connection is made.</content>
    internal sealed partial class ZmtpLink
    {
        /// <summary>The sidecar cuts off who has not shown a token after 5 s; so do we.</summary>
        private const int HandshakeMs = 5000;

        /// <summary>Loopback answers at once, or its queue is full.</summary>
        private const int ConnectMs = 1000;

        /// <summary>How often a waiting handshake looks whether it shall stop.</summary>
        private const int SliceMs = 50;

        /// <summary>Connects and shows the token; without one, by the NULL mechanism.</summary>
        /// <param name="address">For example `tcp://127.0.0.1:40123`.</param>
        /// <param name="socketType">`SUB` or `DEALER`.</param>
        /// <param name="user">`read` or `control`.</param>
        /// <param name="token">From the sidecar's file.</param>
        /// <param name="owner">Stops it.</param>
        /// <exception cref="LinkException">It cannot be had; the code says why.</exception>
        public static ZmtpLink Open(string address, string socketType, string user, string token, Worker owner)
        {
            IPEndPoint endpoint = Endpoint.Parse(address);
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            var link = new ZmtpLink(socket);
            try
            {
                socket.NoDelay = true;
                socket.Blocking = false;
                owner.Own(link);
                link.Connect(endpoint, owner);
                link.ShakeHands(socketType, user, token, owner);
                return link;
            }
            catch (Exception error)
            {
                link.Dispose();
                if (error is LinkException)
                {
                    throw;
                }
                throw Lost();
            }
        }

        private static LinkException Foreign()
        {
            return new LinkException(Codes.MessageInvalid, "the other end speaks another protocol");
        }

        private void Connect(IPEndPoint endpoint, Worker owner)
        {
            try
            {
                _socket.Connect(endpoint);
            }
            catch (SocketException error) when (
                error.SocketErrorCode == SocketError.WouldBlock || error.SocketErrorCode == SocketError.InProgress)
            {
                // It goes on by itself.
            }
            for (long deadline = Clock.NowMs + ConnectMs; ;)
            {
                if (_socket.Poll(SliceMs * 1000, SelectMode.SelectWrite))
                {
                    break;
                }
                if (owner.Stopping || Clock.NowMs > deadline || _socket.Poll(0, SelectMode.SelectError))
                {
                    throw Lost();
                }
            }
            object refusal = _socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error);
            if (!(refusal is int code) || code != 0)
            {
                throw Lost();
            }
        }

        private void ShakeHands(string socketType, string user, string token, Worker owner)
        {
            bool plain = token.Length > 0;
            long deadline = Clock.NowMs + HandshakeMs;
            byte[] greeting = ZmtpBytes.Greeting(plain ? "PLAIN" : "NULL");
            SendAll(greeting, greeting.Length);
            while (_end - _start < greeting.Length)
            {
                Await(deadline, owner);
            }
            if (_in[_start + ZmtpBytes.VersionAt] < ZmtpBytes.Version)
            {
                throw Foreign();
            }
            _start += greeting.Length;
            if (plain)
            {
                SendCommand(ZmtpBytes.Hello(user, token));
                Expect("WELCOME", deadline, owner);
            }
            SendCommand(ZmtpBytes.Metadata(plain ? "INITIATE" : "READY", socketType));
            Expect("READY", deadline, owner);
        }

        private void Expect(string name, long deadline, Worker owner)
        {
            int flags, start, length;
            while (!TryTakeFrame(out flags, out start, out length))
            {
                Await(deadline, owner);
            }
            if ((flags & Command) != 0 && ZmtpBytes.Begins(_in, start, length, name))
            {
                return;
            }
            if (ZmtpBytes.IsError(_in, start, length))
            {
                throw new LinkException(Codes.AccessDenied, "the sidecar does not know the token");
            }
            throw Foreign();
        }

        private void Await(long deadline, Worker owner)
        {
            while (!Fill(SliceMs))
            {
                if (owner.Stopping || Clock.NowMs > deadline)
                {
                    throw new LinkException(Codes.SidecarSilent, "the handshake was not answered");
                }
            }
        }
    }
}
