#!/usr/bin/env bash
# inside.sh FOLDER KUBERNETES NAME: the first process of a node, in a mount and a pid namespace of its own. When it ends, the kernel ends every process and
# container of the node and takes every mount of it down; what the node writes lies in FOLDER.
set -euo pipefail
folder=$1 kubernetes=$2 name=$3

mount --make-rshared / # kubelets ask for it; the namespace's own copy is changed, not the machine's
# containerd and the kubelet have paths built in. Over the machine's own lies a layer that takes what is written there.
for path in /run /var/lib /var/log; do
  layer=$folder/layers$path
  mkdir -p "$layer/upper" "$layer/work"
  mount -t overlay -o "lowerdir=$path,upperdir=$layer/upper,workdir=$layer/work" overlay "$path"
done
# A kubelet sets these for the whole machine. It may set files instead.
settings=(vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1
  kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000)
mkdir -p "$folder/settings"
for setting in "${settings[@]}"; do
  file=$folder/settings/$(tr / - <<<"${setting%=*}")
  echo "${setting#*=}" >"$file"
  mount --bind "$file" "/proc/sys/${setting%=*}"
done

containerd --config "$folder/containerd.toml" >>"$folder/containerd.log" 2>&1 &
until ctr --address "$folder/c.sock" version >/dev/null 2>&1; do
  kill -0 $! || exit 1
  sleep 0.1
done
ctr --address "$folder/c.sock" --namespace k8s.io images import "$folder/pause.tar"
# A loopback address is refused as a node's own. "external" leaves the address to somebody else.
"$kubernetes" kubelet --config "$folder/kubelet.yaml" --kubeconfig "$folder/../kubeconfig" --hostname-override "$name" \
  --root-dir "$folder/kubelet" --cert-dir "$folder/keys" --cloud-provider external \
  --node-labels millrace.dev/node-kind=real >>"$folder/kubelet.log" 2>&1 &
wait -n # a node without either of them is none
