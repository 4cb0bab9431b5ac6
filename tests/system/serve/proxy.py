"""A TCP proxy between a tab and the server that spoils the connection where it is told to."""
import select
import socket
import struct
import threading
import time


class Proxy:
    """`to_server`, `to_client`: after so many bytes in this direction the connection is spoiled, once; the
    connections after that are whole.  How: "cut" (both ends closed), "reset" (RST), "half" (only this
    direction ends, the other one goes on), "delay" (one byte at a time for a while, nothing is lost)."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to_server = self.to_client = None
        self.how = "cut"
        self.spoiled = 0
        self.counts = [0, 0]  # bytes of the last whole connection: to the server, to the client
        self.open = True
        threading.Thread(target=self.accept, daemon=True).start()

    def spoil(self, to_server=None, to_client=None, how="cut"):
        self.to_server, self.to_client, self.how = to_server, to_client, how

    def accept(self):
        while self.open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def close(self):
        self.open = False
        self.listener.close()

    def carry(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 10)
        except OSError:
            client.close()
            return
        for s in (client, server):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limit = [self.to_server, self.to_client]
        how = self.how
        self.to_server = self.to_client = None
        counts = self.counts = [0, 0]
        ends = [(client, server), (server, client)]
        reading = {client: 0, server: 1}
        try:
            while reading:
                for source in select.select(list(reading), [], [], 60)[0]:
                    way = reading[source]
                    data = source.recv(65536)
                    if not data:
                        del reading[source]
                        ends[way][1].shutdown(socket.SHUT_WR)
                        continue
                    if limit[way] is not None and counts[way] + len(data) >= limit[way]:
                        data = data[:limit[way] - counts[way]] if how != "delay" else data
                        if how != "delay":
                            ends[way][1].sendall(data)
                        limit = [None, None]
                        self.spoiled += 1
                        if not self.break_it(how, way, data, client, server, reading):
                            return
                    else:
                        ends[way][1].sendall(data)
                    counts[way] += len(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()

    def break_it(self, how, way, data, client, server, reading):
        """Whether the connection lives on."""
        to = (server, client)[way]
        if how == "delay":
            for i in range(len(data)):
                to.sendall(data[i:i + 1])
                time.sleep(0.0005)
            return True
        if how == "half":
            del reading[(client, server)[way]]
            to.shutdown(socket.SHUT_WR)
            return True
        if how == "reset":
            for s in (client, server):
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False
