#!/bin/sh
# What client.mjs does over HTTP, as the frames that go over the wire: one a line. Frame n of the
# pushes makes result n; "pipeline" takes one before it is there; "remap" is .map().
address=${1:-http://127.0.0.1:8787/api}

curl --silent --show-error --fail-with-body --data-binary @- "$address" <<'FRAMES'
["push",["pipeline",0,["authenticate"],["token-ada"]]]
["push",["pipeline",1,["getUserId"],[]]]
["push",["pipeline",0,["getUserProfile"],[["pipeline",2]]]]
["push",["pipeline",1,["getFriendIds"],[]]]
["push",["remap",4,[],[["import",0]],[["pipeline",-1,["getUserProfile"],[["pipeline",0]]]]]]
["pull",3]
["pull",5]
FRAMES
echo
