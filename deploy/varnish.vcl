# Varnish 7 with varnish-modules (xkey), between nginx and gunicorn: varnishd -f deploy/varnish.vcl ...
# The portal purges by PURGE_VARNISH=http://127.0.0.1:6081/ and then lets Varnish keep pages for an hour.
vcl 4.1;

import std;
import xkey;

backend portal {
    .host = "127.0.0.1";
    .port = "8000";
    .probe = { .url = "/-/health"; .interval = 2s; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Not from here"));
        }
        set req.http.n = xkey.softpurge(req.http.xkey-softpurge);
        return (synth(200, "Purged " + req.http.n));
    }
    # An old page is shown only while the portal does not answer.
    if (std.healthy(req.backend_hint) && req.restarts == 0) {
        set req.grace = 0s;
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.http.Authorization || req.http.Cookie ~ "(^|; *)sessionid=") {
        return (pass);
    }
    unset req.http.Cookie;
    # One of three forms, so that there are three copies of a page and not one for each browser's words. Told
    # apart by a header of ours: Varnish knows of gzip alone, and takes the word for another form away.
    unset req.http.x-form;
    if (req.http.Accept-Encoding ~ "\bbr\b(?!;q=0(,|$))") {
        set req.http.x-form = "br";
    } elsif (req.http.Accept-Encoding ~ "\bgzip\b(?!;q=0(,|$))") {
        set req.http.x-form = "gzip";
    }
    set req.http.Accept-Encoding = req.http.x-form;
    return (hash);
}

sub vcl_hash {
    hash_data(req.http.x-form);
}

sub vcl_backend_fetch {
    if (bereq.http.x-form) {
        set bereq.http.Accept-Encoding = bereq.http.x-form;
    }
}

sub vcl_backend_response {
    set beresp.do_gzip = false;
    # Its s-maxage is its ttl by now. What is for Varnish and not for readers goes here, once a page and not
    # once a reader; who asks Varnish again is told of changes by it.
    unset beresp.http.Surrogate-Key;
    unset beresp.http.Cache-Tag;
    set beresp.http.Cache-Control = regsub(beresp.http.Cache-Control, "s-maxage=[0-9]+, stale-while-revalidate=[0-9]+", "s-maxage=0");
    if (beresp.status >= 500 || beresp.http.Cache-Control ~ "no-cache|no-store|private" || beresp.http.Set-Cookie) {
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # What follows its ttl is for the time when the portal does not answer.
    set beresp.grace = 1h;
}

sub vcl_deliver {
    if (resp.status == 503 && req.restarts == 0) {
        return (restart);
    }
    unset resp.http.xkey;  # xkey reads it from what is kept
    set resp.http.X-Varnish-Cache = req.http.x-was;
}

sub vcl_hit { set req.http.x-was = "hit"; }
sub vcl_miss { set req.http.x-was = "miss"; }
sub vcl_pass { set req.http.x-was = "pass"; }
