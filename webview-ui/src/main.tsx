import './styles/chat.css';
import { createHostPort, type EditorApi } from './host/hostPort.js';
import { ChatView } from './chatView.js';

declare global {
  /** The editor's interface for webviews; it may be called once. */
  function acquireVsCodeApi(): EditorApi;
}

const root = document.getElementById('app');
if (root) new ChatView(root, createHostPort(acquireVsCodeApi(), window)).start();
