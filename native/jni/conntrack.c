/* The kernel's memory of connections that were led to a pod. */
#include <linux/netlink.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rktos.h"

#define MESSAGE(type) ((NFNL_SUBSYS_CTNETLINK << 8) | (type))

/* A message about connections. */
struct request {
  struct nlmsghdr header;
  struct nfgenmsg family;
  char rest[512];
};

/* The first attribute of this type in a list of them; NULL for none. Lengths are the kernel's. */
static const struct nlattr *find(const void *list, size_t size, int type) {
  const char *at = list;
  while (size >= sizeof(struct nlattr)) {
    const struct nlattr *attribute = (const struct nlattr *)at;
    size_t length = NLA_ALIGN(attribute->nla_len);
    if (attribute->nla_len < sizeof *attribute || attribute->nla_len > size) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) return attribute;
    if (length >= size) return NULL;
    at += length;
    size -= length;
  }
  return NULL;
}

static const struct nlattr *inside(const struct nlattr *outer, int type) {
  return outer ? find(outer + 1, outer->nla_len - sizeof *outer, type) : NULL;
}

static uint32_t number(const struct nlattr *attribute, size_t bytes) {
  uint32_t value = 0;
  if (!attribute || attribute->nla_len < sizeof *attribute + bytes) return 0;
  const unsigned char *at = (const unsigned char *)(attribute + 1);
  for (size_t i = 0; i < bytes; i++) value = value << 8 | at[i];
  return value;
}

/* Whether these are datagrams to a port of the host that were led elsewhere. */
static int was_led(const void *list, size_t size, const struct nlattr *tuple, uint32_t first, uint32_t count) {
  const struct nlattr *protocol = inside(tuple, CTA_TUPLE_PROTO);
  uint32_t port = number(inside(protocol, CTA_PROTO_DST_PORT), 2);
  return number(inside(protocol, CTA_PROTO_NUM), 1) == IPPROTO_UDP && port >= first && port - first < count &&
         (number(find(list, size, CTA_STATUS), 4) & IPS_DST_NAT);
}

static int forget(int fd, uint8_t family, const struct nlattr *tuple) {
  struct request request = {.header = {.nlmsg_type = MESSAGE(IPCTNL_MSG_CT_DELETE), .nlmsg_flags = NLM_F_REQUEST},
                            .family = {.nfgen_family = family}};
  if (tuple->nla_len > sizeof request.rest) return 0;
  memcpy(request.rest, tuple, tuple->nla_len);
  request.header.nlmsg_len = (uint32_t)(offsetof(struct request, rest) + NLA_ALIGN(tuple->nla_len));
  return send(fd, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* 1 when the last message of the list has been seen. */
static int forget_those_of(const char *buffer, ssize_t size, int fd, uint32_t first, uint32_t count) {
  const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
  for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
    if (message->nlmsg_type == NLMSG_DONE) return 1;
    if (message->nlmsg_type == NLMSG_ERROR) {
      const struct nlmsgerr *failure = NLMSG_DATA(message);
      return failure->error ? failure->error : 1;
    }
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(struct nfgenmsg))) continue;
    const struct nfgenmsg *family = NLMSG_DATA(message);
    const void *list = family + 1;
    size_t rest = message->nlmsg_len - NLMSG_LENGTH(sizeof *family);
    const struct nlattr *tuple = find(list, rest, CTA_TUPLE_ORIG);
    if (was_led(list, rest, tuple, first, count)) {
      int r = forget(fd, family->nfgen_family, tuple);
      if (r < 0) return r;
    }
  }
  return 0;
}

/* Of the namespace of the calling thread: datagrams to these ports that were led to somebody are
 * judged anew, by the rules of now. */
JNIEXPORT jint JNICALL Java_rkt_os_NativeNetwork_forgetDatagrams(JNIEnv *env UNUSED, jclass c UNUSED, jint first,
                                                                 jint count) {
  int list = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (list < 0) return -errno;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  struct request request = {.header = {.nlmsg_len = offsetof(struct request, rest),
                                       .nlmsg_type = MESSAGE(IPCTNL_MSG_CT_GET),
                                       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
                            .family = {.nfgen_family = AF_UNSPEC}};
  int r = fd < 0 || send(list, &request, request.header.nlmsg_len, 0) < 0 ? -errno : 0;
  while (r == 0) {
    _Alignas(struct nlmsghdr) char buffer[32768];
    ssize_t size = recv(list, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    r = size < 0 ? -errno : forget_those_of(buffer, size, fd, (uint32_t)first, (uint32_t)count);
  }
  close(list);
  if (fd >= 0) close(fd);
  return r < 0 ? r : 0;
}
