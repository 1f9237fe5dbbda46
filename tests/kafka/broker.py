"""A Kafka broker of one node on free ports of this machine, from Maven's artifacts.

    with broker.running(folder, distribution) as one: ... one.address ...

    broker.py DISTRIBUTION     fetches the artifacts (44 MB, once); says why it cannot, which is no
                               error

Where Java or Maven is missing, or the artifacts cannot be fetched, missing() says why.
"""

import contextlib
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

VERSION = "4.3.1"
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>lymer.test</groupId><artifactId>kafka-broker</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
      <version>{VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
  </dependencies>
</project>
"""
LOGGING = """status=error
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=%d{HH:mm:ss.SSS} %p %c - %m%n
rootLogger.level=warn
rootLogger.appenderRef.c.ref=C
logger.s.name=kafka.server.KafkaRaftServer
logger.s.level=info
"""
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/logs
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=4194304
log.initial.task.delay.ms=500
log.retention.check.interval.ms=500
"""
# The last two: records that are too old for a topic (its default is a week) go at once, where other
# brokers take up to five minutes. A test of what is lost must not depend on when it looks.
JVM = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto", "-Djava.awt.headless=true"]
READY = "Kafka Server started"
PATIENCE = 300  # Seconds.


def missing(distribution):
    """Fetches what is not there yet; says why there can be no broker, or nothing."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            return f"no {program} on this machine"
    if (distribution / "complete").exists():
        return ""
    distribution.mkdir(parents=True, exist_ok=True)
    (distribution / "pom.xml").write_text(POM)
    (distribution / "log4j2.properties").write_text(LOGGING)
    try:
        fetched = subprocess.run(
            ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime",
             "-DoutputDirectory=libs"], cwd=distribution, capture_output=True, text=True,
            check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"Maven did not fetch the broker within {PATIENCE} s"
    if fetched.returncode != 0:
        return "Maven could not fetch the broker: " + fetched.stdout.strip()[-300:]
    (distribution / "complete").touch()
    return ""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def java(distribution, *arguments):
    logging = f"-Dlog4j2.configurationFile={distribution / 'log4j2.properties'}"
    return ["java", *JVM, logging, "-cp", f"{distribution}/libs/*", *arguments]


class Broker:
    """One that can be killed and started again with what it has on disk."""

    def __init__(self, folder, distribution, extra=""):
        self.folder, self.distribution = folder, distribution
        port, controller = free_ports(2)
        self.address = f"127.0.0.1:{port}"
        folder.mkdir(parents=True)
        self.properties = folder / "server.properties"
        self.properties.write_text(
            PROPERTIES.format(port=port, controller=controller, folder=folder) + extra)
        self.child = None
        subprocess.run(
            java(distribution, "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ",
                 "-c", str(self.properties)), check=True, capture_output=True)

    def start(self):
        log = self.folder / "broker.log"
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                java(self.distribution, "kafka.Kafka", str(self.properties)), cwd=self.folder,
                stdout=out, stderr=subprocess.STDOUT)
        for _ in range(1200):
            if self.child.poll() is not None:
                break
            if READY in log.read_text():
                return
            time.sleep(0.05)
        self.stop(signal.SIGKILL)
        raise RuntimeError("the broker does not start:\n" + log.read_text()[-2000:])

    def stop(self, how=signal.SIGTERM):
        if self.child is None:
            return
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.child = None


@contextlib.contextmanager
def running(folder, distribution, extra=""):
    """Gives a broker that runs; it is stopped in the end."""
    broker = Broker(pathlib.Path(folder), pathlib.Path(distribution), extra)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


if __name__ == "__main__":
    why = missing(pathlib.Path(sys.argv[1]).resolve())
    print(f"tests against a Kafka broker will be skipped: {why}" if why else "the broker is there")
