# shellcheck shell=bash disable=SC2034 # its user reads what is set here
# SPDX-License-Identifier: MIT
#
# A browser for tests of the page. For a test that sources lib.sh.
#
#   install_browser      before lib.sh, while there is a network; skips the whole test if it cannot be had
#   AXE                  axe-core as one file; "" if npm cannot fetch it
#   start_page           dropmill-page on $SHARE; PAGE its address
#   start_nginx FOLDER   nginx before it, which knows the page as FOLDER; NGINX its address

AXE_VERSION=4.14.1

install_browser() {
    AXE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/axe-core-$AXE_VERSION/node_modules/axe-core/axe.min.js
    if [ -z "${OWN_NAMESPACES:-}" ]; then
        local why
        if ! why=$(sh "$(dirname "${BASH_SOURCE[0]}")/../../packaging/deps.sh" browser 2>&1); then
            echo "1..0 # SKIP a browser cannot be installed here: $(tail -n 1 <<<"$why")"
            exit 0
        fi
        [ -e "$AXE" ] || npm install --silent --no-audit --no-fund --prefix "${AXE%/node_modules*}" \
            "axe-core@$AXE_VERSION" >/dev/null 2>&1
    fi
    [ -e "$AXE" ] || AXE=
}

page_answers() {
    curl --silent --fail --output /dev/null "$PAGE/healthz"
}

start_page() {
    PAGE=http://127.0.0.1:8642
    export PAGE_COMMAND="$BUILD/dropmill-page --share $SHARE --config $CONF"
    $PAGE_COMMAND >>"$WORK/page.log" 2>&1 &
    echo $! >"$WORK/page.pid"
    wait_for "the page" page_answers
}

nginx_answers() {
    curl --silent --fail --output /dev/null "$NGINX/healthz"
}

start_nginx() { # FOLDER
    NGINX=http://127.0.0.1:8680/$1
    mkdir -p "$WORK/nginx"
    cat >"$WORK/nginx.conf" <<CONF
daemon off;
pid $WORK/nginx/pid;
error_log $WORK/nginx/error.log;
events { }
http {
    access_log off;
    client_body_temp_path $WORK/nginx/body;
    proxy_temp_path $WORK/nginx/proxy;
    fastcgi_temp_path $WORK/nginx/fastcgi;
    uwsgi_temp_path $WORK/nginx/uwsgi;
    scgi_temp_path $WORK/nginx/scgi;
    server {
        listen 127.0.0.1:8680;
        location /$1/ {
            proxy_pass $PAGE/;
            proxy_http_version 1.1;
            proxy_set_header Host \$http_host;
            proxy_set_header Connection "";
            proxy_request_buffering off;
            client_max_body_size 0;
        }
    }
}
CONF
    nginx -c "$WORK/nginx.conf" -p "$WORK/nginx" 2>>"$WORK/log" &
    wait_for "nginx" nginx_answers
}
