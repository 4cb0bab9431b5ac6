"""An HTTP server on a free port that says nothing by itself, whatever happens to its connections."""
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *unused):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *unused):
        pass


def serve(handler):
    """One that runs; its port is server_port."""
    server = Quiet(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
